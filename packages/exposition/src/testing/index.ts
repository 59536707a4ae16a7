export { readAll } from "./read-all.ts";
