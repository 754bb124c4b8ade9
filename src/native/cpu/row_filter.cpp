// Stockham FFT of radix 2 over lanes of rows, and the ramp filters (kernel after Kak and Slaney 1988, eq. 61, so that the mean is right).
#include "row_filter.hpp"

#include <cmath>
#include <numbers>

namespace tomo {

RowFilter::RowFilter(int64_t columns, FdkFilter filter) : columns_(columns), size_(4) {
  while (size_ < 2 * columns) size_ *= 2;
  const auto n = static_cast<size_t>(size_);
  cosine_.resize(n);
  sine_.resize(n);
  std::vector<double> cosine(n);
  for (size_t k = 0; k < n; ++k) {
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size_);
    cosine[k] = std::cos(angle);
    cosine_[k] = static_cast<float>(cosine[k]);
    sine_[k] = static_cast<float>(std::sin(angle));
  }
  // The response is the cosine transform of the kernel 1/4, -1/(pi k)^2 for odd k, 0 for even k.
  response_.resize(n);
  for (size_t f = 0; f <= n / 2; ++f) {
    double sum = 0.25;
    for (size_t k = 1; k < n / 2; k += 2) {
      const double distance = std::numbers::pi * static_cast<double>(k);
      sum -= 2.0 * cosine[k * f % n] / (distance * distance);
    }
    const double x = static_cast<double>(f) / static_cast<double>(n / 2);  // share of the Nyquist frequency
    const double quarter = 0.5 * std::numbers::pi * x;
    if (filter == FdkFilter::sheppLogan && f > 0) sum *= std::sin(quarter) / quarter;
    if (filter == FdkFilter::hann) sum *= 0.5 * (1.0 + std::cos(std::numbers::pi * x));
    const auto value = static_cast<float>(sum / static_cast<double>(size_));
    response_[f] = value;
    response_[(n - f) % n] = value;
  }
}

void RowFilter::transform(float*& re, float*& im, float*& otherRe, float*& otherIm, float direction) const {
  for (int64_t half = size_ / 2, step = 1; half >= 1; half /= 2, step *= 2) {
    // Stockham: `half` butterflies groups of `step` outputs each, sorted on the way.
    for (int64_t j = 0; j < half; ++j) {
      const float c = cosine_[static_cast<size_t>(j * step)], s = direction * sine_[static_cast<size_t>(j * step)];
      for (int64_t k = 0; k < step; ++k) {
        const float* aRe = re + (j * step + k) * lanes;
        const float* aIm = im + (j * step + k) * lanes;
        const float* bRe = re + ((j + half) * step + k) * lanes;
        const float* bIm = im + ((j + half) * step + k) * lanes;
        float* lowRe = otherRe + (2 * j * step + k) * lanes;
        float* lowIm = otherIm + (2 * j * step + k) * lanes;
        float* highRe = otherRe + ((2 * j + 1) * step + k) * lanes;
        float* highIm = otherIm + ((2 * j + 1) * step + k) * lanes;
        for (int64_t lane = 0; lane < lanes; ++lane) {
          const float differenceRe = aRe[lane] - bRe[lane], differenceIm = aIm[lane] - bIm[lane];
          lowRe[lane] = aRe[lane] + bRe[lane];
          lowIm[lane] = aIm[lane] + bIm[lane];
          highRe[lane] = differenceRe * c - differenceIm * s;
          highIm[lane] = differenceRe * s + differenceIm * c;
        }
      }
    }
    std::swap(re, otherRe);
    std::swap(im, otherIm);
  }
}

void RowFilter::filterBatch(float* data, int64_t rows, int64_t rowStride, float* scratch) const {
  const int64_t plane = size_ * lanes;
  float *re = scratch, *im = scratch + plane, *otherRe = scratch + 2 * plane, *otherIm = scratch + 3 * plane;
  std::fill(re, re + 2 * plane, 0.0F);
  const auto lane = [&](int64_t row, int64_t n) -> float& {
    float* part = row % 2 == 0 ? re : im;
    return part[n * lanes + row / 2];
  };
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t n = 0; n < columns_; ++n) lane(row, n) = data[row * rowStride + n];
  }
  transform(re, im, otherRe, otherIm, -1.0F);
  for (int64_t f = 0; f < size_; ++f) {
    const float factor = response_[static_cast<size_t>(f)];
    for (int64_t k = 0; k < lanes; ++k) {
      re[f * lanes + k] *= factor;
      im[f * lanes + k] *= factor;
    }
  }
  transform(re, im, otherRe, otherIm, 1.0F);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t n = 0; n < columns_; ++n) data[row * rowStride + n] = lane(row, n);
  }
}

}  // namespace tomo
