package dev.fedtiny.network.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A small page for people: one column, no script, made anew every ten seconds by the browser. */
final class StatusPage {
    private static final String STYLE = """
            :root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
            h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
            th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #8884;vertical-align:top}
            td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}code{font-size:.85em;overflow-wrap:anywhere}
            td:first-child{white-space:nowrap}@media(max-width:40rem){body{font-size:13px}th,td{padding-right:.4rem}
            td code{display:block;max-width:9ch;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}}
            .on{color:#187a3c}.off{color:#a33}.bar{height:.6rem;background:#8883;border-radius:.3rem;overflow:hidden}
            .bar i{display:block;height:100%;background:#2f6fbb}@media(prefers-color-scheme:dark){.on{color:#5fd38a}.off{color:#f08a8a}}
            """;

    private StatusPage() {
    }

    static Reply of(ServerStatus status, List<OperatorRequests.Row> rows, Duration up) {
        ServerStatus.Progress now = status.progress();
        int here = (int) rows.stream().filter(OperatorRequests.Row::here).count();
        StringBuilder html = new StringBuilder("<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=10>"
                + "<meta name=viewport content='width=device-width'><title>Federation</title><style>").append(STYLE).append("</style>");
        html.append("<h1>Federation: ").append(now.round() > 0 ? "round " + now.round() : "before the first round").append("</h1>");
        boolean waiting = now.kind().equals(ServerStatus.Progress.WAITING);
        html.append("<p>").append(words(now.kind())).append(" for ").append(ago(Duration.between(now.since(), Instant.now())))
                .append(": ");
        if (waiting) {
            html.append(here).append(" of ").append(now.asked()).append(" devices are here. ");
        } else {
            html.append(now.answered()).append(" of ").append(now.asked()).append(" devices have answered, ").append(now.lost())
                    .append(now.lost() == 1 ? " is" : " are").append(" lost. ").append(here).append(" of ").append(rows.size())
                    .append(" enrolled devices are here. ");
        }
        html.append("The server has been up for ").append(ago(up)).append(".</p>");
        int done = waiting ? here : now.answered();
        html.append("<div class=bar><i style='width:").append(now.asked() == 0 ? 0 : Math.min(100, 100 * done / now.asked()))
                .append("%'></i></div><h2>Devices</h2>");
        if (rows.isEmpty()) {
            html.append("<p>None has taken its place yet.</p>");
        } else {
            devices(html, rows);
        }
        html.append("<h2>Last failures</h2>");
        List<ServerStatus.Trouble> failures = status.failures();
        if (failures.isEmpty()) {
            html.append("<p>None.</p>");
        } else {
            html.append("<table><tr><th>Time<th class=n>Device<th>Reason</tr>");
            for (ServerStatus.Trouble trouble : failures) {
                html.append("<tr><td>").append(trouble.time().truncatedTo(ChronoUnit.SECONDS)).append("<td class=n>")
                        .append(trouble.number() < 0 ? "server" : Integer.toString(trouble.number())).append("<td>")
                        .append(escaped(trouble.reason())).append("</tr>");
            }
            html.append("</table>");
        }
        byte[] bytes = html.append("</html>\n").toString().getBytes(StandardCharsets.UTF_8);
        return new Reply(Reply.OK, "text/html; charset=utf-8", Map.of("Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"), bytes, 0, bytes.length);
    }

    private static void devices(StringBuilder html, List<OperatorRequests.Row> rows) {
        html.append("<table><tr><th>Number<th>Device<th>State<th class=n>Last heard of<th class=n>Samples<th>Release</tr>");
        for (OperatorRequests.Row row : rows) {
            html.append("<tr><td>").append(row.member().number()).append("<td><code title=").append(row.member().id()).append('>')
                    .append(row.member().id()).append("</code>");
            html.append(row.here() ? "<td class=on>" : "<td class=off>").append(state(row));
            if (row.presence().isPresent()) {
                Presence presence = row.presence().get();
                html.append("<td class=n>").append(ago(Duration.ofSeconds(row.silenceSeconds()))).append(" ago<td class=n>")
                        .append(presence.samples()).append("<td>").append(escaped(presence.platform().release()));
            } else {
                html.append("<td><td><td>");
            }
            html.append("</tr>");
        }
        html.append("</table>");
    }

    private static String state(OperatorRequests.Row row) {
        if (row.presence().isEmpty()) {
            return "has not come since the server was started";
        }
        if (!row.here()) {
            return "silent";
        }
        if (!row.working()) {
            return "waits for work";
        }
        return switch (row.phase()) {
            // It may be at work by now, and says so every half minute.
            case "download" -> "has its request";
            case "work" -> "works";
            case "upload" -> "sends its answer";
            default -> "works: " + escaped(row.phase());
        };
    }

    private static String words(String kind) {
        return switch (kind) {
            case "TRAIN" -> "Training";
            case "POOL", "CANDIDATE_STATISTICS" -> "Selection of the sparse start";
            case "WELCOME" -> "Greeting";
            case "KEY_REQUEST" -> "Keys of the secure sum";
            case "SHARE_REQUEST" -> "Shares of the secure sum";
            case "MASKED_REQUEST" -> "Work whose values come masked";
            case "UNMASK_REQUEST" -> "Unmasking of the sum";
            case "RESTORE" -> "Restoring devices";
            case "FINISH" -> "Ending";
            default -> escaped(kind.substring(0, 1).toUpperCase(Locale.ROOT) + kind.substring(1));
        };
    }

    private static String ago(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        // No line breaks between a number and its unit.
        return seconds < 120 ? seconds + "&nbsp;s" : seconds < 7200 ? seconds / 60 + "&nbsp;min" : seconds / 3600 + "&nbsp;h";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'", "&#39;");
    }
}
