/** Formulas: multiply-adds, FLOPs and bytes from geometry and masks, without running anything. */
package dev.fedtiny.engine.cost;
