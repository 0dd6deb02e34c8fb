package dev.fedtiny.report;

import java.util.Locale;

/** Colours of groups, told apart by people with any colour vision, in a light and a dark form; and the page's style. */
final class Palette {
    /** How many colours there are; further groups begin again, dashed and then dotted. */
    static final int COLORS = 11;
    /** Their rules, in a page and in a picture that stands alone. */
    static final String DASHES = ".dashed path{stroke-dasharray:6 3}.dotted path{stroke-dasharray:1.5 3}";

    private static final String[] LIGHT = {"#0067a5", "#c8500a", "#00815e", "#a83a78", "#8a6d00", "#5b3fa0", "#3d8ab8", "#7a4a2b",
            "#4f7a1f", "#666666", "#a8242c"};
    private static final String[] DARK = {"#5db4f0", "#ff9350", "#3fce9f", "#f08cc3", "#e0bd3c", "#b59cff", "#8fd0f5", "#d9a27e", "#a5d36b",
            "#b5b5b5", "#ff8b85"};

    private static final String STYLE = """
            :root{color-scheme:light dark;--bg:#fdfdfc;--fg:#1c1c1a;--soft:#5d5d58;--line:#dcdcd6;--card:#f5f5f1;--shade:#0002;%s}
            @media(prefers-color-scheme:dark){:root{--bg:#161715;--fg:#ecece6;--soft:#a3a39b;--line:#3a3b37;--card:#20211e;--shade:#fff3;
            %s}}
            *{box-sizing:border-box}
            body{margin:0 auto;padding:1.2rem 1rem 3rem;max-width:76rem;
            background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
            h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2.2rem 0 .4rem}h3{font-size:1rem;margin:.8rem 0 .2rem}
            p{margin:.3rem 0 .8rem;max-width:60rem}.soft{color:var(--soft)}
            .grid2{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%%,26rem),1fr));gap:1rem;margin-top:.8rem}
            figure{margin:0;max-width:37rem;background:var(--card);border-radius:8px;padding:.7rem .7rem .4rem;break-inside:avoid}
            figcaption{font-weight:600;margin-bottom:.3rem}
            svg{display:block;width:100%%;height:auto;font:12px system-ui,sans-serif}
            svg text{fill:var(--soft)}svg text.title,svg text.name{fill:var(--fg)}svg .grid{stroke:var(--line)}svg .axis{stroke:var(--soft)}
            svg .cell{stroke:var(--card);stroke-width:.7}svg .rest{fill:var(--line)}svg text.on{fill:var(--card)}
            svg .many path{stroke-width:1.4}
            svg .partial path{stroke-width:1;stroke-dasharray:2 3}
            svg path.band{stroke:none;fill:currentColor;fill-opacity:.14}svg .heat{stroke:var(--card);stroke-width:.6;fill:var(--c0)}
            svg path.swatch{stroke-width:3}svg text.small{font-size:9px}svg text.over{fill:var(--fg)}svg text.inverse{fill:var(--card)}
            svg .point{fill-opacity:.55;stroke-width:1}svg path.roof{stroke:var(--fg)}
            svg text.halo{paint-order:stroke;stroke:var(--card);stroke-width:4px;fill:var(--fg)}
            svg path{fill:none;stroke-width:1.8;stroke-linejoin:round}svg .ghost{opacity:.38}svg .ring{fill:var(--card);stroke-width:1.8}
            .legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.5rem 0 .9rem;padding:0;list-style:none}
            .legend li::before{content:"";display:inline-block;width:.8em;height:.8em;border-radius:50%%;margin-right:.4em;
            background:currentColor}
            .legend span{color:var(--fg)}
            .scroll{overflow-x:auto;background:linear-gradient(to right,var(--bg) 30%%,transparent) left/2.5rem 100%% no-repeat local,
            linear-gradient(to left,var(--bg) 30%%,transparent) right/2.5rem 100%% no-repeat local,
            linear-gradient(to right,var(--shade),transparent) left/1rem 100%% no-repeat,
            linear-gradient(to left,var(--shade),transparent) right/1rem 100%% no-repeat}
            .wide>.hint{display:none;margin:0;font-size:.85rem}.always>.hint{display:block}
            @media(max-width:62rem){.often>.hint{display:block}}@media(max-width:34rem){.seldom>.hint{display:block}}
            .note{font-size:.88rem;margin:.2rem 0 .4rem}pre{overflow-x:auto}
            .hints li{margin:.2rem 0}.mark{font-weight:600}
            table{border-collapse:separate;border-spacing:0;font-variant-numeric:tabular-nums;font-size:.92rem}
            th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
            th{color:var(--soft);font-weight:600;white-space:normal;vertical-align:bottom}
            .word{text-align:left}td.word{white-space:normal;min-width:10rem;max-width:32rem;overflow-wrap:anywhere}
            th:first-child,td:first-child{text-align:left;padding-left:0;position:sticky;left:0;background:var(--bg)}
            td:first-child{white-space:normal;min-width:7rem;max-width:26rem;overflow-wrap:anywhere}
            .first td{border-top:2px solid var(--line)}
            details{margin:.6rem 0}summary{cursor:pointer;overflow-wrap:anywhere}
            @media(max-width:40rem){body{padding:.8rem .6rem 2rem}h1{font-size:1.25rem}figure{padding:.5rem .3rem .3rem}
            th,td{padding:.25rem .45rem}td:first-child{min-width:6.5rem;max-width:9rem}
            td.word{min-width:8rem;max-width:14rem}}
            @media print{body{max-width:none;padding:0;font-size:11px}figure{border:1px solid #ccc;max-width:26rem}
            details:not([open]){display:none}details>summary{list-style:none}h1{font-size:16px}h2{margin-top:1rem}tr{break-inside:avoid}
            h2,h3,figcaption{break-after:avoid;font-size:12px}h2+p,h3+p{break-after:avoid}
            .grid2{grid-template-columns:1fr 1fr;gap:.5rem}.scroll{overflow:visible;background:none}
            .wide>.hint{display:none}table{font-size:8.5px}.note{font-size:9.5px}
            th,td{padding:.1rem .35rem}th:first-child,td:first-child{position:static}
            :root{--bg:#fff;--fg:#000;--soft:#444;--card:#fff;--line:#bbb}}
            """;

    private Palette() {
    }

    /** Classes of a line: colours begin again after the last one, then dashed, and once more, then dotted. */
    static String line(int place) {
        return "c" + place % COLORS + switch (place / COLORS % 3) {
            case 0 -> "";
            case 1 -> " dashed";
            default -> " dotted";
        };
    }

    /** A colour of groups as it is written in a style sheet. */
    static String color(int place, boolean dark) {
        return (dark ? DARK : LIGHT)[place % COLORS];
    }

    /** The style sheet. */
    static String style() {
        StringBuilder light = new StringBuilder();
        StringBuilder dark = new StringBuilder();
        StringBuilder classes = new StringBuilder();
        for (int i = 0; i < COLORS; i++) {
            light.append("--c").append(i).append(':').append(LIGHT[i]).append(';');
            dark.append("--c").append(i).append(':').append(DARK[i]).append(';');
            classes.append(String.format(Locale.ROOT, ".c%1$d{color:var(--c%1$d)}svg .c%1$d{stroke:var(--c%1$d);fill:var(--c%1$d)}"
                    + "svg .c%1$d text{stroke:none}", i));
        }
        return String.format(Locale.ROOT, STYLE, light, dark) + DASHES + classes + "\n";
    }
}
