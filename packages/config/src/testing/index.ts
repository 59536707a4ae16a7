export { recordFiles } from "./record-files.ts";
