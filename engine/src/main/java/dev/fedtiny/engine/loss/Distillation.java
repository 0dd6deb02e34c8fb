package dev.fedtiny.engine.loss;

import dev.fedtiny.engine.tensor.Shape;

/**
 * Distillation from a teacher's logits (Hinton, Vinyals and Dean 2015): T² Σ q·(log q − log p), q = softmax(teacher / T) and
 * p = softmax(x / T) over the channels, the mean over the images, and over the pixels where an output has more than one. The factor T²
 * keeps the size of the gradient independent of T. Targets are the teacher's logits, one finite value an output, N,C,H,W.
 *
 * @param temperature T, above 0; high ones compare unlikely classes, too
 */
public record Distillation(double temperature) implements Loss<float[]> {
    /** Checks the temperature. */
    public Distillation {
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException("distillation: temperature " + temperature + ", must be above 0 and finite");
        }
    }

    @Override
    public void check(Shape output, int images, float[] targets) {
        Targets.checkValues("distillation", output, images, targets);
    }

    @Override
    public double divisor(Shape output, int images, float[] targets) {
        return (double) images * output.pixels();
    }

    @Override
    public double differentiate(Shape output, double[] values, int image, float[] targets) {
        int stride = output.pixels();
        double sum = 0;
        for (int pixel = 0; pixel < stride; pixel++) {
            sum += pixel(values, pixel, stride, output.channels(), targets, image * output.size() + pixel);
        }
        return sum;
    }

    private double pixel(double[] x, int from, int stride, int classes, float[] teacher, int first) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            x[from + c * stride] /= temperature;
            largest = Math.max(largest, teacher[first + c * stride] / temperature);
        }
        double total = 0;
        for (int c = 0; c < classes; c++) {
            total += StrictMath.exp(teacher[first + c * stride] / temperature - largest);
        }
        double logTotal = largest + StrictMath.log(total);
        // Σ q·(log q − log p) = Σ q·(teacher/T − x/T) − log Σ exp(teacher/T) + log Σ exp(x/T)
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            double scaled = teacher[first + c * stride] / temperature;
            sum += StrictMath.exp(scaled - logTotal) * (scaled - x[from + c * stride]);
        }
        sum += Softmax.inPlace(x, from, stride, classes) - logTotal;
        for (int c = 0; c < classes; c++) {
            double q = StrictMath.exp(teacher[first + c * stride] / temperature - logTotal);
            x[from + c * stride] = temperature * (x[from + c * stride] - q);
        }
        return temperature * temperature * sum;
    }
}
