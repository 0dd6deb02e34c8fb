/**
 * The papers' count of FLOPs, stored bytes and memory: pure arithmetic on an architecture and a real-valued density, without masks or
 * data. Never mixed with the exact count of {@link dev.fedtiny.engine.cost.ExactCost}, which a run's reports are made of.
 */
package dev.fedtiny.cost;
