import type { Clock } from "@narthex/runtime";
import { TimeSlice } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";
import type { RowLimits } from "./row-limits.ts";

/** Deepest nesting of elements. */
const MAX_DEPTH = 100;
/** Largest number of attributes of an element. */
const MAX_ATTRIBUTES = 2000;
/** Characters that the parser gets at once. */
const PART = 64 * 1024;

interface OpenElement {
  readonly name: string;
  readonly content: Record<string, unknown>;
  text: string;
}

/**
 * Reads XML as an object: an element's attributes have a dash before their name, its text is `#content`, and elements of
 * the same name are a list. An element with nothing but text is the text. Entities of the document are not replaced: a
 * reference to one fails. The parser is loaded with the first document. Throws QueryFailure.
 */
export async function readXml(text: string, limits: RowLimits, clock: Clock): Promise<unknown> {
  const { SaxesParser } = await import("saxes");
  const parser = new SaxesParser();
  const root: OpenElement = { name: "", content: {}, text: "" };
  const open: OpenElement[] = [root];
  parser.on("error", (error) => {
    throw new QueryFailure(422, `the document is not XML: ${error.message.slice(0, 200)}`);
  });
  let attributeCount = 0;
  parser.on("opentagstart", () => void (attributeCount = 0));
  parser.on("attribute", () => {
    if (++attributeCount > MAX_ATTRIBUTES)
      throw new QueryFailure(422, `an element has more than ${MAX_ATTRIBUTES} attributes`);
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (open.length > MAX_DEPTH) throw new QueryFailure(422, `the elements are nested deeper than ${MAX_DEPTH} levels`);
    const entries = Object.entries(attributes).map(([key, value]) => [`-${key}`, value] as const);
    limits.cells(1 + entries.length);
    open.push({ name, content: Object.fromEntries(entries), text: "" });
  });
  const addText = (part: string): void => void (open.at(-1)!.text += part);
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const { name, content, text: inside } = open.pop()!;
    const trimmed = inside.trim();
    const isText = Object.keys(content).length === 0;
    if (!isText && trimmed !== "") set(content, "#content", trimmed);
    append(open.at(-1)!.content, name, isText ? trimmed : content);
  });
  const slice = new TimeSlice(clock);
  for (let at = 0; at < text.length; at += PART) {
    parser.write(text.slice(at, at + PART));
    // oxlint-disable-next-line no-await-in-loop -- a long document is read in parts
    await slice.yieldToEventLoop();
  }
  parser.close();
  return root.content;
}

/** Adds an element to its parent. A second element of the same name makes a list. */
function append(parent: Record<string, unknown>, name: string, value: unknown): void {
  if (!Object.hasOwn(parent, name)) set(parent, name, value);
  else {
    const before = parent[name];
    if (Array.isArray(before)) before.push(value);
    else set(parent, name, [before, value]);
  }
}

/** Sets a property, whatever its name is: `__proto__` becomes a property like others. */
function set(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}
