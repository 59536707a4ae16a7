import type { AttributeKind, ElementKind } from "./html-place.ts";

type AttributeType = "plain" | "script" | "srcset" | "style" | "unsafe" | "url";

const URLS =
  "action archive background cite classid codebase data formaction href icon longdesc manifest poster profile src usemap xmlns";

/** HTML attributes that change the meaning of other attributes, or how browsers read the document. */
const UNSAFE =
  "accept-charset async challenge charset content crossorigin defer enctype form formenctype formmethod formnovalidate " +
  "http-equiv keytype language method novalidate pattern rel sandbox srcdoc type value";

const TYPES: ReadonlyMap<string, AttributeType> = new Map([
  ...URLS.split(" ").map((name) => [name, "url"] as const),
  ...UNSAFE.split(" ").map((name) => [name, "unsafe"] as const),
  ["srcset", "srcset"],
  ["style", "style"],
]);

/**
 * Returns the type of value that an HTML attribute has. `name` is in lower case. The type of a custom attribute is
 * guessed from its name.
 */
export function attributeType(name: string): AttributeType {
  const [prefix, ...rest] = name.split(":");
  if (!name.startsWith("data-") && rest.length > 0 && prefix === "xmlns") return "url";
  const short = name.startsWith("data-") ? name.slice("data-".length) : rest.length > 0 ? rest.join(":") : name;
  const known = TYPES.get(short);
  if (known !== undefined) return known;
  if (short.startsWith("on")) return "script";
  return /src|uri|url/.test(short) ? "url" : "plain";
}

/** Returns how browsers interpret the value of an attribute in an HTML element. */
export function attributeKind(element: ElementKind, name: string): AttributeKind {
  if (element === "Script" && name === "type") return "ScriptType";
  if (element === "Meta" && name === "content") return "MetaContent";
  switch (attributeType(name)) {
    case "url":
      return "URL";
    case "style":
      return "Style";
    case "script":
      return "Script";
    case "srcset":
      return "Srcset";
    default:
      return "None";
  }
}

/** Reports whether an HTML `<script>` of this type contains JavaScript. Other types are data or templates. */
export const isScriptType = (text: string): boolean => SCRIPT_TYPES.has(text.replace(/;.*$/s, "").trim().toLowerCase());

const SCRIPT_TYPES: ReadonlySet<string> = new Set([
  "application/ecmascript",
  "application/javascript",
  "application/json",
  "application/ld+json",
  "application/x-ecmascript",
  "application/x-javascript",
  "module",
  "text/ecmascript",
  "text/javascript",
  "text/javascript1.0",
  "text/javascript1.1",
  "text/javascript1.2",
  "text/javascript1.3",
  "text/javascript1.4",
  "text/javascript1.5",
  "text/jscript",
  "text/livescript",
  "text/x-ecmascript",
  "text/x-javascript",
]);
