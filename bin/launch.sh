# Sourced by the launchers: what the Java that they become needs of its surroundings.

# Java takes names of files and arguments in the locale's characters, and has no others: where these are ASCII alone (LC_ALL=C, no locale at
# all), names as other programs write them cannot be given. Such a locale's characters become UTF-8; its other rules stay.
fedtiny_characters() {
    fedtiny_charmap=$(locale charmap 2>/dev/null || true)
    case $fedtiny_charmap in
        ANSI_X3.4-1968 | US-ASCII | ASCII | 646) ;;
        "") # No such program (musl): C is ASCII to Java, every other name is UTF-8 there.
            case ${LC_ALL:-${LC_CTYPE:-${LANG:-C}}} in C | POSIX) ;; *) return 0 ;; esac ;;
        *) return 0 ;;
    esac
    for fedtiny_locale in C.UTF-8 C.utf8 en_US.UTF-8 en_US.utf8; do
        if [ -z "$fedtiny_charmap" ] || [ "$(LC_ALL=$fedtiny_locale locale charmap 2>/dev/null)" = UTF-8 ]; then
            if [ -n "${LC_ALL:-}" ]; then
                LC_ALL=$fedtiny_locale
                export LC_ALL
            else
                LC_CTYPE=$fedtiny_locale
                export LC_CTYPE
            fi
            return 0
        fi
    done
}

# fedtiny_exec JAVA WORD...: becomes JAVA, without the line in which every Java with the Vector API says that it uses an incubator module.
# That line is written to descriptor 2 before any class of ours runs. So descriptor 2 leads through a pipe to a process that leaves out this
# line and passes everything else on, the virtual machine's own messages; and the real standard error is handed to the program as
# descriptor 3, which it writes its messages to (StandardError). The process of the launcher becomes Java itself, so signals, exit codes and
# the order of what the program prints are as without. Where no pipe can be made, the line is seen.
fedtiny_exec() {
    fedtiny_folder=
    if (: >&2) && fedtiny_folder=$(mktemp -d "${TMPDIR:-/tmp}/fedtiny.XXXXXX" 2>/dev/null) &&
        mkfifo -m 600 "$fedtiny_folder/messages" 2>/dev/null; then
        fedtiny_filter <"$fedtiny_folder/messages" &
        exec 4>"$fedtiny_folder/messages"
        rm -rf "$fedtiny_folder"
        fedtiny_java=$1
        shift
        exec "$fedtiny_java" -Ddev.fedtiny.stderr=3 --add-opens java.base/java.io="$fedtiny_opens" "$@" 3>&2 2>&4 4>&-
    fi
    [ -z "$fedtiny_folder" ] || rm -rf "$fedtiny_folder"
    exec "$@"
}

# The warning comes first of all, or after a few messages of the virtual machine; from then on nothing is looked at.
fedtiny_filter() {
    trap '' INT QUIT TERM HUP
    exec >&2 4>&-
    while IFS= read -r fedtiny_line; do
        case $fedtiny_line in
            "WARNING: Using incubator modules: jdk.incubator.vector") exec cat ;;
            *) printf '%s\n' "$fedtiny_line" ;;
        esac
    done
    [ -z "$fedtiny_line" ] || printf '%s' "$fedtiny_line"
}

# The columns of the terminal behind descriptor 5; nothing where there is none. (In $(...), descriptor 1 is a pipe.)
fedtiny_width() {
    stty size <&5 2>/dev/null | sed -n 's/^[0-9][0-9]* \([1-9][0-9]*\)$/\1/p'
}

# Sets what the program is told of the terminal: whether standard error is one, and its columns; and by which name it was called.
fedtiny_surroundings() {
    fedtiny_columns=
    if [ -t 1 ]; then
        { fedtiny_columns=$(fedtiny_width); } 5<&1
    elif [ -t 2 ]; then
        { fedtiny_columns=$(fedtiny_width); } 5<&2
    fi
    fedtiny_terminal=false
    if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then
        fedtiny_terminal=true
    fi
}
