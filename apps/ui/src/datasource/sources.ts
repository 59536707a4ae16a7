/** All data sources of the UI. To add one, add a folder next to this file and a line here. */
export { prometheusDataSource } from "./prometheus/prometheus-data-source.ts";
