export {
  type ExaminedRule,
  FIRING_SELECTOR,
  type FiringSamples,
  type QualityReport,
  reportQuality,
} from "./rule-firings.ts";
export type { RuleQuality, Verdict } from "./rule-quality.ts";
