/**
 * Single operators, forward and backward, over tensors: for trying out, testing and building other things. They check what they are given
 * and run on the same plan and kernels as whole networks ({@code session.Session}), which is what training should use: here every call copies
 * its tensors.
 */
package dev.fedtiny.engine.op;
