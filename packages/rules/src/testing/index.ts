export { element, type Script, scriptedQuery } from "./scripted-query.ts";
