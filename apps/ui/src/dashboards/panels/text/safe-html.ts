import createPurifier from "dompurify";
import { Marked } from "marked";
import { affordableLength } from "./markdown-cost.ts";

/** Longer texts are cut: the time that rendering takes grows with them. */
const MAX_TEXT = 200_000;

const marked = new Marked({ gfm: true, async: false });

/** Styles that move nothing out of the panel and load nothing. */
const STYLE =
  /^(color|background-color|text-(align|decoration|transform|indent)|font(-(size|weight|style|family|variant))?|line-height|letter-spacing|white-space|vertical-align|(min-|max-)?(width|height)|(margin|padding)(-(top|right|bottom|left))?|border(-(top|right|bottom|left))?(-(color|style|width))?|border-(radius|collapse|spacing)|display|(flex|grid|justify|align|gap|row-gap|column-gap)(-[a-z-]+)?|list-style(-type)?|opacity|overflow(-[xy])?|float|clear)$/;

/** Leaves of an element's styles those that are listed, each read by the browser's own parser. */
function keepStyles(element: Element): void {
  if (!element.hasAttribute("style")) return;
  const { style } = element as HTMLElement;
  for (const name of Array.from(style))
    if (!STYLE.test(name) || /url\(|image-set\(|expression/i.test(style.getPropertyValue(name)))
      style.removeProperty(name);
  if (style.length === 0) element.removeAttribute("style");
}

function safeguard(node: Element): void {
  keepStyles(node);
  if (node.tagName !== "A" || !node.hasAttribute("href")) return;
  if (node.getAttribute("target") !== null) node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
}

function purifierOf(view: Window): ReturnType<typeof createPurifier> {
  const purifier = createPurifier(view as Window & typeof globalThis);
  purifier.addHook("afterSanitizeAttributes", safeguard);
  return purifier;
}

let purifier: ReturnType<typeof createPurifier> | undefined;

/**
 * Returns a text as elements that are safe to show in the page: no scripts, frames, forms or handlers. What is not rendered
 * is shown as it is written or left out, and the last element says so.
 * @param mode what the text is written in; Markdown may contain HTML
 */
export function safeHtml(text: string, mode: "markdown" | "html"): DocumentFragment {
  purifier ??= purifierOf(window);
  const cut = text.slice(0, MAX_TEXT);
  const length = mode === "markdown" ? affordableLength(cut) : cut.length;
  const html = mode === "markdown" ? htmlOf(cut.slice(0, length)) : cut;
  const fragment = purifier.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true },
    ADD_ATTR: ["target"],
    FORBID_TAGS: ["style", "form", "input", "textarea", "select", "button", "dialog", "option", "optgroup"],
    // An id or name of the text's must not stand for one of the page's.
    SANITIZE_NAMED_PROPS: true,
  });
  if (length < cut.length) {
    fragment.append(
      textElement(
        "p",
        "The rest is shown as it is written: rendering it would take too long. Empty lines between its parts help.",
      ),
      textElement("pre", cut.slice(length).trim()),
    );
  }
  if (cut.length < text.length)
    fragment.append(textElement("p", `The text is cut after ${MAX_TEXT.toLocaleString("en")} characters.`));
  return fragment;
}

function textElement(name: "p" | "pre", text: string): HTMLElement {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function htmlOf(markdown: string): string {
  try {
    return marked.parse(markdown) as string;
  } catch {
    // Nested beyond what the library's recursion bears: shown as it is written.
    return textElement("pre", markdown).outerHTML;
  }
}
