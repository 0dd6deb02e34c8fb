# Sourced by the launchers: sets FEDTINY_JAVA_HOME to a JDK of at least version 25, or ends with one line of advice.
# Looks at JAVA_HOME, at the java on PATH, and in the usual install folders; FEDTINY_JDK_FOLDERS replaces those folders.

fedtiny_jdk_version() { # prints the major version of the JDK in $1, nothing if it is none
    [ -x "$1/bin/javac" ] || return 0
    if [ -r "$1/release" ]; then
        sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9]*\).*/\1/p' "$1/release" | head -n 1
    else
        "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p' | head -n 1
    fi
}

fedtiny_jdk_suits() {
    fedtiny_version=$(fedtiny_jdk_version "$1")
    [ -n "$fedtiny_version" ] && [ "$fedtiny_version" -ge 25 ]
}

fedtiny_find_jdk() {
    FEDTINY_JAVA_HOME=
    if [ -n "${JAVA_HOME:-}" ] && fedtiny_jdk_suits "$JAVA_HOME"; then
        FEDTINY_JAVA_HOME=$JAVA_HOME
        return 0
    fi
    fedtiny_java=$(command -v java 2>/dev/null || true)
    if [ -n "$fedtiny_java" ]; then
        fedtiny_java=$(readlink -f "$fedtiny_java" 2>/dev/null || echo "$fedtiny_java")
        fedtiny_home=$(dirname "$(dirname "$fedtiny_java")")
        if fedtiny_jdk_suits "$fedtiny_home"; then
            FEDTINY_JAVA_HOME=$fedtiny_home
            return 0
        fi
    fi
    # The lowest version that suits wins, then the first name: the same choice every time.
    fedtiny_best=
    set -f
    fedtiny_folders=${FEDTINY_JDK_FOLDERS-"/usr/lib/jvm /usr/java /usr/local /opt /opt/java $HOME/.sdkman/candidates/java $HOME/.jdks /Library/Java/JavaVirtualMachines"}
    set +f
    for fedtiny_folder in $fedtiny_folders; do
        for fedtiny_home in "$fedtiny_folder"/* "$fedtiny_folder"/*/Contents/Home; do
            if fedtiny_jdk_suits "$fedtiny_home"; then
                if [ -z "$fedtiny_best" ] || [ "$fedtiny_version" -lt "$fedtiny_best" ]; then
                    fedtiny_best=$fedtiny_version
                    FEDTINY_JAVA_HOME=$fedtiny_home
                fi
            fi
        done
    done
    if [ -z "$FEDTINY_JAVA_HOME" ]; then
        echo "fedtiny: no JDK of version 25 or later found; install one: on Linux 'apt install openjdk-25-jdk' or 'dnf install java-25-openjdk-devel', on macOS 'brew install --cask temurin@25', on Windows 'winget install EclipseAdoptium.Temurin.25.JDK' (all: https://adoptium.net), or set JAVA_HOME to one" >&2
        exit 2
    fi
}
