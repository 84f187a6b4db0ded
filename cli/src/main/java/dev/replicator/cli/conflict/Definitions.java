package dev.replicator.cli.conflict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.handlers.CustomPolicies;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.ConflictRule.Custom;
import dev.replicator.model.ConflictRule.Named;
import dev.replicator.model.CustomCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Rules as text, as they are stored in the databases: JSON with everything that decides, the text of a script included; of
 * a class the SHA-256 of its jar. Rules that decide alike have one text.
 */
final class Definitions {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STOP = of(new Named("stop", List.of(), Set.of()));

    private Definitions() {}

    /** Throws CONFIGURATION when a file that belongs to it cannot be read. */
    static String of(ConflictRule rule) {
        return json(rule).toString();
    }

    private static ObjectNode json(ConflictRule rule) {
        ObjectNode json = JSON.createObjectNode();
        if (rule instanceof Custom custom) {
            code(CustomPolicies.asItIs(custom.code()), json);
            json.set("fallback", json(custom.fallback()));
            return json;
        }
        Named named = (Named) rule;
        json.put("policy", named.name());
        if (!named.databases().isEmpty()) {
            named.databases().forEach(json.putArray("databases")::add);
        }
        if (!named.delta().isEmpty()) {
            new TreeSet<>(named.delta()).forEach(json.putArray("delta")::add);
        }
        return json;
    }

    private static void code(CustomCode code, ObjectNode json) {
        if (code instanceof CustomCode.Expression expression) {
            json.put("expression", expression.text());
        } else if (code instanceof CustomCode.ColumnExpressions columns) {
            ObjectNode texts = json.putObject("columns");
            new TreeMap<>(columns.texts()).forEach(texts::put);
        } else if (code instanceof CustomCode.ScriptText script) {
            json.put("script", script.file());
            json.put("function", script.function());
            json.put("text", script.text());
        } else if (code instanceof CustomCode.PluginOfJar plugin) {
            json.put("class", plugin.className());
            json.put("jar", plugin.jar());
        } else {
            throw ReplicatorException.bug("cannot store a rule", code.name());
        }
    }

    /**
     * What is in force at once where {@code after} is configured and {@code before} is in force: under {@code stop} nothing
     * has been decided, so the new one decides; of other code what it leaves open.
     */
    static String successor(String before, String after) {
        if (before.equals(STOP)) {
            return after;
        }
        JsonNode json = read(before);
        if (!json.has("fallback") && !json.has("then")) {
            return before;
        }
        if (json.has("then") && json.get("then").toString().equals(after)) {
            return before;
        }
        ObjectNode both = JSON.createObjectNode();
        both.set("first", json);
        both.set("then", read(after));
        return both.toString();
    }

    /** The rules of a definition: nearly always one; of several each is asked what those before it leave open. */
    static List<ConflictRule> rules(String definition, Path plugins) {
        List<ConflictRule> rules = new ArrayList<>();
        JsonNode json = read(definition);
        while (json.has("then")) {
            rules.add(0, rule(json.get("then"), plugins));
            json = json.get("first");
        }
        rules.add(0, rule(json, plugins));
        return rules;
    }

    private static ConflictRule rule(JsonNode json, Path plugins) {
        if (json.has("fallback")) {
            return new Custom(code(json, plugins), named(json.get("fallback")));
        }
        return named(json);
    }

    private static Named named(JsonNode json) {
        return new Named(
                json.get("policy").asText(), texts(json.path("databases")), Set.copyOf(texts(json.path("delta"))));
    }

    private static CustomCode code(JsonNode json, Path plugins) {
        if (json.has("expression")) {
            return new CustomCode.Expression(json.get("expression").asText());
        }
        if (json.has("columns")) {
            Map<String, String> texts = new TreeMap<>();
            json.get("columns")
                    .properties()
                    .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
            return new CustomCode.ColumnExpressions(texts);
        }
        if (json.has("script")) {
            return new CustomCode.ScriptText(
                    json.get("script").asText(),
                    json.get("text").asText(),
                    json.get("function").asText());
        }
        return new CustomCode.PluginOfJar(
                plugins, json.get("class").asText(), json.get("jar").asText());
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.asText()));
        return texts;
    }

    private static JsonNode read(String definition) {
        try {
            return JSON.readTree(definition);
        } catch (JsonProcessingException e) {
            throw ReplicatorException.bug("cannot read a stored policy", definition);
        }
    }
}
