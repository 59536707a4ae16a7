export {
  family,
  type FamilySample,
  type HistogramReading,
  histogramSamples,
  type LabelSource,
  type MetricFamily,
  type MetricType,
  sample,
  type SummaryReading,
  summarySamples,
} from "./family.ts";
export { gather } from "./gather.ts";
export { writeText } from "./write-text.ts";
