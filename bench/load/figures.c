// Samples of durations, and their percentiles.
#include "clients.h"
#include <stdlib.h>

void add(struct sample *sample, uint64_t ns) {
  if (sample->count == sample->capacity) {
    sample->capacity = sample->capacity ? sample->capacity * 2 : 1 << 16;
    sample->values = realloc(sample->values, sample->capacity * sizeof *sample->values);
    if (!sample->values) abort();
  }
  uint64_t tenths_of_us = ns / 100;
  sample->values[sample->count++] = tenths_of_us > UINT32_MAX ? UINT32_MAX : (uint32_t)tenths_of_us;
}

void clear(struct sample *sample) { sample->count = 0; }

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

double percentile_ms(struct sample *sample, double share) {
  if (sample->count == 0) return 0;
  qsort(sample->values, sample->count, sizeof *sample->values, compare);
  return sample->values[(size_t)((double)(sample->count - 1) * share)] / 1e4;
}
