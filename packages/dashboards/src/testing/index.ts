export { hostileJson } from "./hostile-json.ts";
