package dev.fedtiny.cluster.spark;

import dev.fedtiny.cluster.TurnEngine;
import dev.fedtiny.cluster.TurnWorker;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/** A turn is a job of one task, which prefers the executor of its key. A key is the number of an executor. */
final class SparkEngine implements TurnEngine {
    private static final ClassTag<byte[]> BYTES = ClassTag.apply(byte[].class);

    private final SparkContext spark;
    /** What Spark calls the place of an executor, by its number. */
    private final Map<Integer, String> executors = new ConcurrentSkipListMap<>();

    SparkEngine() {
        SparkConf conf = new SparkConf().setIfMissing("spark.app.name", "fedtiny").setIfMissing("spark.ui.enabled", "false");
        // A model may be larger than messages usually are, and comes back without being asked for; how often something is tried is the
        // driver's business.
        conf.setIfMissing("spark.rpc.message.maxSize", "1024").setIfMissing("spark.driver.maxResultSize", "0")
                .setIfMissing("spark.task.maxDirectResultSize", "1g")
                .setIfMissing("spark.task.maxFailures", "1").setIfMissing("spark.locality.wait", "500ms");
        spark = new SparkContext(conf);
        spark.addSparkListener(new SparkListener() {
            @Override
            public void onExecutorAdded(SparkListenerExecutorAdded added) {
                executors.put(key(added.executorId()), "executor_" + added.executorInfo().executorHost() + "_" + added.executorId());
            }

            @Override
            public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
                executors.remove(key(removed.executorId()));
            }
        });
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

    @Override
    public List<Integer> keys() {
        return List.copyOf(executors.keySet());
    }

    @Override
    public void close() {
        spark.stop();
    }
}
