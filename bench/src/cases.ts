import { agentMemoryCase } from "./agent-memory.ts";
import { alertsCase } from "./alerts.ts";
import { alertsFreshCase } from "./alerts-fresh.ts";
import { discoveryRefreshCase } from "./discovery-refresh.ts";
import { rolesAtRestCase } from "./roles-at-rest.ts";
import { rulesCase } from "./rules.ts";
import { rulesCurveCase } from "./rules-curve.ts";
import { appendCase } from "./append-case.ts";
import { coldCase } from "./cold.ts";
import { commitCostCase } from "./commit-cost.ts";
import { dashboardViewersCase } from "./dashboard-viewers.ts";
import { dashboardPlotCase } from "./dashboard-plot.ts";
import { dashboardEnduranceCase } from "./dashboard-endurance.ts";
import { dashboardHangingSourceCase } from "./dashboard-hanging-source.ts";
import { dashboardLogLinesCase } from "./dashboard-log-lines.ts";
import { dashboardPageCase } from "./dashboard-page.ts";
import { dashboardRefreshCase } from "./dashboard-refresh.ts";
import { dashboardsAtRestCase } from "./dashboards-at-rest.ts";
import { daysCurveCase } from "./days-curve.ts";
import { diskCurveCase } from "./disk-curve.ts";
import { doorTurnsCase } from "./door-turns.ts";
import { doorsCase } from "./doors.ts";
import { hostileCase } from "./hostile.ts";
import { instancesCase } from "./instances.ts";
import { instantCase } from "./instant.ts";
import { instantKindsCase } from "./instant-kinds.ts";
import { killUnderLoadCase } from "./kill-under-load.ts";
import { largeHostCase } from "./large-host.ts";
import { limitsCase } from "./limits.ts";
import { otlpCase } from "./otlp.ts";
import { mainPagesCase } from "./main-pages.ts";
import { jsonMatrixCase } from "./json-matrix.ts";
import { queriesCase } from "./queries.ts";
import { queryPageCase } from "./query-page.ts";
import { nodeExporterCase } from "./node-exporter.ts";

import { parseCase } from "./parse-case.ts";
import { pushgatewayCase } from "./pushgateway.ts";
import { queryLiveCase } from "./query-live.ts";
import { relabelCase } from "./relabel.ts";
import { remoteChainCase } from "./remote-chain.ts";
import { remoteReadCase } from "./remote-read.ts";
import { remoteWriteCase } from "./remote-write.ts";
import { remoteWriteOutCase } from "./remote-write-out.ts";
import type { BenchCase } from "./report.ts";
import { scrapeCase } from "./scrape.ts";
import { scrapePagesCase } from "./scrape-pages.ts";
import { selectCase } from "./select-case.ts";
import { seriesCurveCase } from "./series-curve.ts";
import { soakCase } from "./soak-case.ts";
import { lifeCase } from "./life.ts";
import { soakLiveCase } from "./soak-live.ts";
import { sqlRowsCase } from "./dashboard-sql-rows.ts";
import { stoppingCase } from "./stopping.ts";
import { stackAtRestCase } from "./stack-at-rest.ts";
import { startCase } from "./start.ts";
import { storageCase } from "./storage.ts";
import { targetsCase } from "./targets-10k.ts";
import { turnsCase } from "./turns.ts";
import { wasmCallsCase } from "./wasm-calls.ts";

/** To add a case, add a file that exports it, a line here, and a row in README.md. */
export const cases: readonly BenchCase[] = [
  scrapeCase,
  scrapePagesCase,
  commitCostCase,
  targetsCase,
  relabelCase,
  parseCase,
  appendCase,
  turnsCase,
  wasmCallsCase,
  selectCase,
  limitsCase,
  coldCase,
  remoteWriteCase,
  remoteWriteOutCase,
  remoteChainCase,
  otlpCase,
  remoteReadCase,
  startCase,
  killUnderLoadCase,
  storageCase,
  seriesCurveCase,
  diskCurveCase,
  daysCurveCase,
  stackAtRestCase,
  rolesAtRestCase,
  agentMemoryCase,
  queriesCase,
  instantCase,
  dashboardRefreshCase,
  instantKindsCase,
  jsonMatrixCase,
  queryLiveCase,
  doorsCase,
  doorTurnsCase,
  hostileCase,
  soakCase,
  soakLiveCase,
  lifeCase,
  stoppingCase,
  alertsCase,
  alertsFreshCase,
  rulesCase,
  rulesCurveCase,
  discoveryRefreshCase,
  instancesCase,
  nodeExporterCase,
  largeHostCase,
  pushgatewayCase,
  queryPageCase,
  mainPagesCase,
  dashboardViewersCase,
  dashboardPlotCase,
  dashboardPageCase,
  dashboardEnduranceCase,
  sqlRowsCase,
  dashboardLogLinesCase,
  dashboardHangingSourceCase,
  dashboardsAtRestCase,
];
