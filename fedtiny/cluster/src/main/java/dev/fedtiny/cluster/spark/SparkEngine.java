package dev.fedtiny.cluster.spark;

import dev.fedtiny.cluster.TurnEngine;
import dev.fedtiny.cluster.TurnWorker;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/** A turn is a job of one task, which prefers the executor of its key. A key is the number of an executor. */
final class SparkEngine implements TurnEngine {
    private static final ClassTag<byte[]> BYTES = ClassTag.apply(byte[].class);

    /** What Spark calls the driver's own place among the executors. */
    private static final String DRIVER = "driver";

    private final SparkContext spark;
    /** What Spark calls the place of an executor, by its number; as it was seen last. */
    private volatile Map<Integer, String> executors = Map.of();

    SparkEngine() {
        SparkConf conf = new SparkConf().setIfMissing("spark.app.name", "fedtiny").setIfMissing("spark.ui.enabled", "false");
        // A model may be larger than messages usually are, and comes back without being asked for; how often something is tried is the
        // driver's business.
        conf.setIfMissing("spark.rpc.message.maxSize", "1024").setIfMissing("spark.driver.maxResultSize", "0")
                .setIfMissing("spark.task.maxDirectResultSize", "1g")
                .setIfMissing("spark.task.maxFailures", "1").setIfMissing("spark.locality.wait", "500ms");
        spark = new SparkContext(conf);
    }

    /** Executors have numbers; where there are none, the driver itself works. */
    private static int key(String executor) {
        return executor.matches("\\d{1,9}") ? Integer.parseInt(executor) : 0;
    }

    @Override
    public CompletableFuture<byte[]> submit(int key, byte[] turn) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        String executor = executors.get(key);
        if (executor == null) {
            answer.completeExceptionally(new IllegalStateException("executor " + key + " has left"));
            return answer;
        }
        Seq<Tuple2<byte[], Seq<String>>> located = seq(List.of(new Tuple2<>(turn, seq(List.of(executor)))));
        JavaFutureAction<List<byte[]>> job = JavaRDD.fromRDD(spark.makeRDD(located, BYTES), BYTES).map(TurnWorker::run).collectAsync();
        Thread.startVirtualThread(() -> {
            try {
                answer.complete(job.get().getFirst());
            } catch (Exception e) {
                answer.completeExceptionally(e.getCause() == null ? e : e.getCause());
            }
        });
        answer.whenComplete((_, _) -> job.cancel(true));
        return answer;
    }

    private static <T> Seq<T> seq(List<T> list) {
        return CollectionConverters.asScala(list).toSeq();
    }

    /** Spark itself is asked: whoever only listened would not hear of executors that came while the application was being made. */
    @Override
    public List<Integer> keys() {
        Map<Integer, String> there = new TreeMap<>();
        for (ExecutorSummary executor : CollectionConverters.asJava(spark.statusStore().executorList(true))) {
            if (spark.isLocal() || !executor.id().equals(DRIVER)) {
                String address = executor.hostPort();
                int port = address.lastIndexOf(':');
                there.put(key(executor.id()), "executor_" + address.substring(0, port < 0 ? address.length() : port) + "_"
                        + executor.id());
            }
        }
        executors = there;
        return List.copyOf(there.keySet());
    }

    @Override
    public void close() {
        spark.stop();
    }
}
