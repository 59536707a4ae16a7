/** Every data source of the UI: for one more, a folder beside this file and a line here. */
export { prometheusDataSource } from "./prometheus/prometheus-data-source.ts";
