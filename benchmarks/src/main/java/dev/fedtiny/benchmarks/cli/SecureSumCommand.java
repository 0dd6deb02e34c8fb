package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.timing.SecureSumTiming;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.privacy.SecureAggregation;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What secure aggregation costs. */
final class SecureSumCommand implements Command {
    private static final int WARM_UP = 3;

    @Override
    public String name() {
        return "secure-sum";
    }

    @Override
    public String summary() {
        return "what secure aggregation costs a device and the server: keys, shares, masks, and taking them off";
    }

    @Override
    public String usage() {
        return "[--devices N] [--lost N] [--neighbours K] [--values N] [--repeats N]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.whole("devices", "N", "21", "devices of the sum", SecureAggregation.LEAST_DEVICES, 1000),
                Option.whole("lost", "N", "1", "devices that are gone before they send their values", 0, 999),
                Option.whole("neighbours", "K", "20", "devices that each device masks its values against; even", 2,
                        SecureAggregation.MOST_NEIGHBOURS),
                Option.whole("values", "N", "558000", "of each device: 558,000 are ResNet18 of width 64 at density 0.05", 1, 50_000_000),
                Option.whole("repeats", "N", "7", "sums, of which medians are taken, after three that do not count", 1, 1000));
    }

    @Override
    public String details() {
        return "Everything runs in this process, one step after the other on one thread; nothing is sent.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        int values = arguments.integer("values", 558_000);
        SecureSumTiming timing = new SecureSumTiming(arguments.integer("devices", 21), arguments.integer("lost", 1),
                arguments.integer("neighbours", SecureAggregation.USUAL_NEIGHBOURS), values);
        List<SecureSumTiming.Times> all = new ArrayList<>();
        for (int i = 0; i < WARM_UP + arguments.integer("repeats", 7); i++) {
            SecureSumTiming.Times times = timing.run();
            if (!times.exact()) {
                throw new IllegalStateException("the sum is wrong");
            }
            if (i >= WARM_UP) {
                all.add(times);
            }
        }
        int neighbours = all.getFirst().neighbours();
        TextTable table = new TextTable("step", "ms (median)");
        table.row("device: two X25519 keys", text(all, SecureSumTiming.Times::keys));
        table.row("device: secrets shared among " + neighbours, text(all, SecureSumTiming.Times::share));
        table.row("device: " + neighbours + " agreements for masks", text(all, SecureSumTiming.Times::agree));
        table.row("device: values under " + (neighbours + 1) + " masks", text(all, SecureSumTiming.Times::mask));
        table.row("device: shares given back", text(all, SecureSumTiming.Times::unmask));
        table.row("device in all", text(all, SecureSumTiming.Times::device));
        table.row("server: masks taken off", text(all, SecureSumTiming.Times::open));
        terminal.out().print(table);
        terminal.out().printf(Locale.ROOT, "an agreement takes %.3f ms, a mask over %,d values %.3f ms%n",
                median(all, SecureSumTiming.Times::agree) / neighbours, values,
                median(all, SecureSumTiming.Times::mask) / (neighbours + 1));
        terminal.out().printf(Locale.ROOT, "a device sends %,d bytes; in the open %,d%n", all.getFirst().bytesUp(), 4L * values);
        return ExitCode.OK;
    }

    private static String text(List<SecureSumTiming.Times> all, ToDoubleFunction<SecureSumTiming.Times> figure) {
        return Units.fixed(median(all, figure), 2);
    }

    private static double median(List<SecureSumTiming.Times> all, ToDoubleFunction<SecureSumTiming.Times> figure) {
        double[] ascending = all.stream().mapToDouble(figure).sorted().toArray();
        return (ascending[(ascending.length - 1) / 2] + ascending[ascending.length / 2]) / 2;
    }
}
