package dev.fedtiny.engine.testing;

import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * No text may depend on the locale of whoever starts a program: digits that are not Latin make a style sheet or a number in a file
 * unreadable, and a Turkish "i" makes a key unknown.
 */
public final class LocaleRule {
    private static final String PATTERN_AND_ARGUMENTS = "(Ljava/lang/String;[Ljava/lang/Object;)";
    private static final Set<String> PRINTING = Set.of("java/lang/String", "java/io/PrintStream", "java/io/PrintWriter", "java/io/Console");
    private static final Set<String> FACTORIES = Set.of("<init>", "getInstance", "getNumberInstance", "getIntegerInstance",
            "getPercentInstance", "getCurrencyInstance", "getCompactNumberInstance", "getDateInstance", "getTimeInstance",
            "getDateTimeInstance", "getWordInstance", "getLineInstance", "getCharacterInstance", "getSentenceInstance");

    private LocaleRule() {
    }

    /** Calls without a locale, a line each; empty where the rule holds. */
    public static List<String> offences(List<ClassModel> classes) {
        List<String> offences = new ArrayList<>();
        classes.forEach(model -> calls(model).forEach(call -> offences.add(model.thisClass().asInternalName() + " calls " + call)));
        return offences;
    }

    /** Methods without a locale that a class calls. */
    public static Set<String> calls(ClassModel model) {
        Set<String> calls = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof MemberRefEntry member && isLocaleless(member)) {
                calls.add(member.owner().asInternalName() + "." + member.name().stringValue());
            }
        }
        return calls;
    }

    /** Whether a method takes the locale of the machine, since it is given none. */
    private static boolean isLocaleless(MemberRefEntry member) {
        String owner = member.owner().asInternalName();
        String name = member.name().stringValue();
        String descriptor = member.type().stringValue();
        if (descriptor.contains("Ljava/util/Locale;") && descriptor.indexOf("Ljava/util/Locale;") < descriptor.indexOf(')')) {
            return false;
        }
        return switch (owner) {
            case "java/util/Scanner" -> name.equals("<init>");
            case "java/util/Formatter" -> name.equals("<init>");
            case "java/util/Locale" -> name.equals("getDefault");
            case "java/util/Calendar" -> name.equals("getInstance");
            case "java/time/format/DateTimeFormatter" -> name.startsWith("of");
            case "java/time/format/DateTimeFormatterBuilder" -> name.equals("toFormatter");
            default -> owner.startsWith("java/text/") && FACTORIES.contains(name) && !descriptor.contains("DecimalFormatSymbols;)V")
                    || owner.equals("java/lang/String") && (name.equals("formatted")
                            || (name.equals("toLowerCase") || name.equals("toUpperCase")) && descriptor.startsWith("()"))
                    || PRINTING.contains(owner) && (name.equals("format") || name.equals("printf"))
                            && descriptor.startsWith(PATTERN_AND_ARGUMENTS);
        };
    }
}
