package dev.replicator.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;

/** How many times as good as PostgreSQL's own replication, for each workload, as a picture. */
final class Plot {
    private Plot() {}

    static void write(Path png, List<Summary> summaries) {
        Map<String, List<Summary>> workloads = summaries.stream()
                .collect(Collectors.groupingBy(Summary::workload, java.util.LinkedHashMap::new, Collectors.toList()));
        List<String> names = new ArrayList<>();
        List<Double> ours = new ArrayList<>();
        List<Double> native1 = new ArrayList<>();
        workloads.forEach((workload, rows) -> Table.best(rows)
                .ifPresent(best -> rows.stream().filter(Summary::isOurs).forEach(row -> {
                    double ratio = row.median() / best.median();
                    names.add(workload.replace(" transactions/s", "/s"));
                    ours.add(row.higherIsBetter() ? ratio : 1 / ratio);
                    native1.add(1.0);
                })));
        if (names.isEmpty()) {
            return;
        }
        CategoryChart chart = new CategoryChartBuilder()
                .width(1000)
                .height(420)
                .title("Times as fast as PostgreSQL's own logical replication (its better setting = 1)")
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
        chart.getStyler().setLabelsVisible(true);
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setXAxisLabelRotation(12);
        chart.addSeries("replicator", names, ours);
        chart.addSeries("PostgreSQL", names, native1);
        try {
            BitmapEncoder.saveBitmap(chart, png.toString(), BitmapEncoder.BitmapFormat.PNG);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
