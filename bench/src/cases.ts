import { alertsCase } from "./alerts.ts";
import { appendCase } from "./append-case.ts";
import { instantCase } from "./instant.ts";
import { queriesCase } from "./queries.ts";
import { nodeExporterCase } from "./node-exporter.ts";
import { parseCase } from "./parse-case.ts";
import { pushgatewayCase } from "./pushgateway.ts";
import { relabelCase } from "./relabel.ts";
import type { BenchCase } from "./report.ts";
import { scrapeCase } from "./scrape.ts";
import { selectCase } from "./select-case.ts";
import { soakCase } from "./soak-case.ts";
import { storageCase } from "./storage.ts";
import { targetsCase } from "./targets-10k.ts";

/** Add a case: a file that exports it, a line here, a row in README.md. */
export const cases: readonly BenchCase[] = [
  scrapeCase,
  targetsCase,
  relabelCase,
  parseCase,
  appendCase,
  selectCase,
  storageCase,
  queriesCase,
  instantCase,
  soakCase,
  alertsCase,
  nodeExporterCase,
  pushgatewayCase,
];
