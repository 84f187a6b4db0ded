package dev.replicator.model;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which code decides the conflicts of a table, as configured. */
public sealed interface CustomCode {
    /** How it is called in reasons and messages. */
    String name();

    /** An expression that gives a row. */
    record Expression(String text) implements CustomCode {
        @Override
        public String name() {
            return "expression";
        }
    }

    /** Expressions that give the values of columns, by column. */
    record ColumnExpressions(Map<String, String> texts) implements CustomCode {
        public ColumnExpressions {
            texts = new LinkedHashMap<>(texts);
        }

        @Override
        public String name() {
            return "expression";
        }
    }

    /** A function of a script file. */
    record Script(Path file, String function) implements CustomCode {
        @Override
        public String name() {
            return "script \"" + file.getFileName() + "\"";
        }
    }

    /** A function of a script whose text is known. */
    record ScriptText(String file, String text, String function) implements CustomCode {
        @Override
        public String name() {
            return "script \"" + file + "\"";
        }
    }

    /** A class of a plugin, from a jar of the folder. */
    record PluginClass(Path folder, String className) implements CustomCode {
        @Override
        public String name() {
            return "class " + className;
        }
    }

    /** The same from one jar only, whatever its name: the one whose contents have this SHA-256, in hexadecimal. */
    record PluginOfJar(Path folder, String className, String jar) implements CustomCode {
        @Override
        public String name() {
            return "class " + className;
        }
    }
}
