import type { RuleCheck } from "../rule-check.ts";
import { changingSeries } from "./changing-series.ts";
import { contradiction } from "./contradiction.ts";
import { cost } from "./cost.ts";
import { counterFunction } from "./counter-function.ts";
import { deadLabel } from "./dead-label.ts";
import { duplicateExpression, duplicateRule } from "./duplicates.ts";
import { longInterval } from "./long-interval.ts";
import { missingFor } from "./missing-for.ts";
import { noCondition } from "./no-condition.ts";
import { plainPattern } from "./plain-pattern.ts";
import { rawCounter } from "./raw-counter.ts";
import { recordedExpression, repeatedExpression } from "./recording-candidates.ts";
import { requirement } from "./requirement.ts";
import { shortWindow } from "./short-window.ts";
import { neverSelected, unknownAlert, vanishedSeries } from "./stored-series.ts";
import { templateLabel, templateQuery, valueLabel } from "./template-label.ts";

/** All checks. To add one, create a file in this folder and add a line here. */
export const RULE_CHECKS: readonly RuleCheck[] = [
  contradiction,
  noCondition,
  counterFunction,
  rawCounter,
  shortWindow,
  templateLabel,
  templateQuery,
  valueLabel,
  deadLabel,
  missingFor,
  changingSeries,
  duplicateRule,
  duplicateExpression,
  recordedExpression,
  repeatedExpression,
  plainPattern,
  longInterval,
  unknownAlert,
  neverSelected,
  vanishedSeries,
  cost,
  requirement,
];
