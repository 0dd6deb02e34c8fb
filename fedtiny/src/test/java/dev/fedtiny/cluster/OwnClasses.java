package dev.fedtiny.cluster;

import java.io.File;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A node whose classes are loaded for it alone, so that it shares no static state with driver and other nodes: as a process of its own. */
final class OwnClasses {
    private OwnClasses() {
    }

    /** {@link TurnWorker#run} of a node of one slot. */
    static UnaryOperator<byte[]> worker() {
        List<URL> places = new ArrayList<>();
        try {
            for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
                places.add(new File(place).toURI().toURL());
            }
            ClassLoader loader = new URLClassLoader(places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
            Class<?> worker = loader.loadClass(TurnWorker.class.getName());
            if (worker == TurnWorker.class) {
                throw new IllegalStateException("the node's classes are this process's");
            }
            MethodHandle run = MethodHandles.publicLookup().findStatic(worker, "run", MethodType.methodType(byte[].class, byte[].class));
            return turn -> {
                Thread.currentThread().setContextClassLoader(loader);
                try {
                    return (byte[]) run.invokeExact(turn);
                } catch (Throwable e) {
                    throw new IllegalStateException(e);
                }
            };
        } catch (MalformedURLException | ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
