package dev.replicator.cli.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Takes a PostgreSQL connection source apart: {@code postgresql://}, {@code postgres://}, {@code jdbc:postgresql:} and
 * libpq's {@code keyword=value} strings, among them {@code service=name}.
 *
 * <p>The result holds libpq's keywords {@code host}, {@code port} (both as lists with commas), {@code dbname}, {@code user},
 * {@code password}, {@code service}, and everything else under the name it was written with.
 *
 * <p>Throws {@link IllegalArgumentException} with a sentence that never repeats the source, which may hold a password.
 *
 * <p>Source: PostgreSQL documentation, "Connection Strings"; pgjdbc documentation, "Initializing the Driver".
 */
final class ConnectionSource {
    private ConnectionSource() {}

    /** Which names the parameters have. */
    record Parsed(Map<String, String> keywords, boolean jdbcNames) {}

    /** Whether the text is a URL of another kind of database ({@code mysql://}, {@code sqlite:}). */
    static boolean isForeign(String source) {
        String text = source.startsWith("jdbc:") ? source.substring("jdbc:".length()) : source;
        int colon = text.indexOf(':');
        int equals = text.indexOf('=');
        if (colon < 1 || equals >= 0 && equals < colon) {
            return false;
        }
        String scheme = text.substring(0, colon);
        return !scheme.equals("postgresql") && !scheme.equals("postgres") && scheme.matches("[A-Za-z][A-Za-z0-9+.-]*");
    }

    static Parsed parse(String source) {
        String text = source.strip();
        if (text.startsWith("jdbc:postgresql:")) {
            return new Parsed(jdbc(text.substring("jdbc:postgresql:".length())), true);
        }
        if (text.startsWith("postgresql://")) {
            return new Parsed(url(text.substring("postgresql://".length())), false);
        }
        if (text.startsWith("postgres://")) {
            return new Parsed(url(text.substring("postgres://".length())), false);
        }
        if (text.contains("=") && !text.contains("://")) {
            return new Parsed(keywords(text), false);
        }
        throw new IllegalArgumentException("not a connection URL; write \"postgresql://user@host:5432/database\","
                + " \"jdbc:postgresql://host/database\" or \"service=name\"");
    }

    private static Map<String, String> jdbc(String rest) {
        if (rest.startsWith("//")) {
            return url(rest.substring(2));
        }
        Map<String, String> keywords = new LinkedHashMap<>();
        int question = rest.indexOf('?');
        String name = question < 0 ? rest : rest.substring(0, question);
        name = name.startsWith("/") ? name.substring(1) : name;
        if (!name.isEmpty()) {
            keywords.put("dbname", decoded(name));
        }
        if (question >= 0) {
            parameters(rest.substring(question + 1), keywords);
        }
        return keywords;
    }

    private static Map<String, String> url(String rest) {
        Map<String, String> keywords = new LinkedHashMap<>();
        int question = rest.indexOf('?');
        String place = question < 0 ? rest : rest.substring(0, question);
        int slash = place.indexOf('/');
        String authority = slash < 0 ? place : place.substring(0, slash);
        if (slash >= 0 && slash + 1 < place.length()) {
            String name = place.substring(slash + 1);
            if (name.contains("/")) {
                throw new IllegalArgumentException(
                        "the connection URL has more than one \"/\" after the host; a \"/\" in a"
                                + " database name or password is written %2F");
            }
            keywords.put("dbname", decoded(name));
        }
        int at = authority.lastIndexOf('@');
        if (at >= 0) {
            userInfo(authority.substring(0, at), keywords);
        }
        hosts(authority.substring(at + 1), keywords);
        if (question >= 0) {
            parameters(rest.substring(question + 1), keywords);
        }
        return keywords;
    }

    private static void userInfo(String userInfo, Map<String, String> keywords) {
        int colon = userInfo.indexOf(':');
        String user = decoded(colon < 0 ? userInfo : userInfo.substring(0, colon));
        if (!user.isEmpty()) {
            keywords.put("user", user);
        }
        if (colon >= 0 && colon + 1 < userInfo.length()) {
            keywords.put("password", decoded(userInfo.substring(colon + 1)));
        }
    }

    private static void hosts(String list, Map<String, String> keywords) {
        if (list.isEmpty()) {
            return;
        }
        StringBuilder hosts = new StringBuilder();
        StringBuilder ports = new StringBuilder();
        boolean anyPort = false;
        for (String item : list.split(",", -1)) {
            int bracket = item.lastIndexOf(']');
            int colon = item.indexOf(':', Math.max(bracket, 0));
            String host = decoded(colon < 0 ? item : item.substring(0, colon));
            String port = colon < 0 ? "" : item.substring(colon + 1);
            if (hosts.length() > 0 || ports.length() > 0 || anyPort) {
                hosts.append(',');
                ports.append(',');
            }
            hosts.append(host);
            ports.append(port);
            anyPort |= !port.isEmpty();
        }
        if (hosts.toString().replace(",", "").length() > 0) {
            keywords.put("host", hosts.toString());
        }
        if (anyPort) {
            keywords.put("port", ports.toString());
        }
    }

    private static void parameters(String list, Map<String, String> keywords) {
        for (String parameter : list.split("&")) {
            if (parameter.isEmpty()) {
                continue;
            }
            int equals = parameter.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("a parameter of the connection URL has no value; write name=value");
            }
            keywords.put(decoded(parameter.substring(0, equals)), decoded(parameter.substring(equals + 1)));
        }
    }

    /** libpq's {@code keyword = 'value'} form. */
    private static Map<String, String> keywords(String text) {
        Map<String, String> keywords = new LinkedHashMap<>();
        int at = 0;
        while (at < text.length()) {
            int equals = text.indexOf('=', at);
            if (equals < 0) {
                throw new IllegalArgumentException(
                        "the connection string has a word without a value; write name=value");
            }
            String name = text.substring(at, equals).strip();
            if (name.isEmpty() || name.contains(" ")) {
                throw new IllegalArgumentException(
                        "the connection string has a word without a value; write name=value");
            }
            StringBuilder value = new StringBuilder();
            at = keywordValue(text, equals + 1, value);
            keywords.put(name.toLowerCase(Locale.ROOT), value.toString());
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }
        return keywords;
    }

    private static int keywordValue(String text, int start, StringBuilder value) {
        int at = start;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        boolean quoted = at < text.length() && text.charAt(at) == '\'';
        if (quoted) {
            at++;
        }
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\\' && at + 1 < text.length()) {
                at++;
                value.append(text.charAt(at));
            } else if (quoted ? c == '\'' : Character.isWhitespace(c)) {
                return at + 1;
            } else {
                value.append(c);
            }
        }
        if (quoted) {
            throw new IllegalArgumentException("the connection string has a quote that is not closed");
        }
        return at;
    }

    private static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the connection URL has a \"%\" that is not followed by two hexadecimal digits; a \"%\" itself is"
                            + " written %25",
                    e);
        }
    }
}
