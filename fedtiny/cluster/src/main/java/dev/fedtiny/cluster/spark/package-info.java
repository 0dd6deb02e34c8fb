/**
 * The engine {@code spark}: nodes are executors of a Spark application, whose driver is this program. Built and tested with Spark 4.2.0 for
 * Scala 2.13 (Apache License 2.0), which {@code spark-submit} brings: nothing of Spark comes with this project.
 */
package dev.fedtiny.cluster.spark;
