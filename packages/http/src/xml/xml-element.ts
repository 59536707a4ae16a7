import { setImmediate } from "node:timers/promises";

/** Number of characters that are parsed before the function yields to the event loop. */
const PIECE = 16 * 1024;

/** Maximum number of elements and attributes of an answer, because each needs much more memory than its text. */
const MAX_NODES = 2_000_000;
const MAX_DEPTH = 1000;

/** Attributes of an element that has none. */
const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze(Object.create(null) as Record<string, string>);

/** An element of an XML answer. Names have no namespace prefix. */
export class XmlElement {
  /** Children by name, in the order of their first occurrence. Undefined for the many elements without children. */
  #children: Map<string, XmlElement[]> | undefined;
  readonly #attributes: Readonly<Record<string, string>>;
  #text = "";
  /** The document, and the position of the element's content in it. */
  readonly #document: string;
  readonly #from: number;
  #to = 0;

  private constructor(document = "", from = 0, attributes = NO_ATTRIBUTES) {
    this.#document = document;
    this.#from = from;
    this.#attributes = attributes;
  }

  /**
   * Returns the root element. Rejects if the text is not an XML document, or if it has too many elements. The library is
   * loaded on first use.
   */
  static async parse(text: string): Promise<XmlElement> {
    const { SaxesParser } = await import("saxes");
    const parser = new SaxesParser();
    const document = new XmlElement();
    const open = [document];
    let nodes = 0;
    const count = (): void => {
      if (++nodes > MAX_NODES) throw new Error(`answer has more than ${MAX_NODES} XML elements and attributes`);
    };
    let hasAttributes = false;
    parser.on("attribute", () => {
      count();
      hasAttributes = true;
    });
    parser.on("opentag", ({ name, attributes }) => {
      count();
      if (open.length > MAX_DEPTH) throw new Error(`XML elements of the answer are nested deeper than ${MAX_DEPTH}`);
      const element = new XmlElement(text, parser.position, hasAttributes ? attributes : NO_ATTRIBUTES);
      hasAttributes = false;
      open.at(-1)!.#add(withoutPrefix(name), element);
      open.push(element);
    });
    parser.on("closetag", ({ isSelfClosing }) => {
      const element = open.pop()!;
      element.#to = isSelfClosing ? element.#from : text.lastIndexOf("</", parser.position - 1);
    });
    parser.on("text", (part) => (open.at(-1)!.#text += part));
    parser.on("cdata", (part) => (open.at(-1)!.#text += part));
    parser.on("error", (error) => {
      throw new Error(`answer is not XML: ${error.message}`);
    });
    for (let at = 0; at < text.length; at += PIECE) {
      if (at > 0) await setImmediate();
      parser.write(text.slice(at, at + PIECE));
    }
    parser.close();
    return document.items[0]!;
  }

  /** Text directly within the element, with entities replaced. Does not include the text of its children. */
  get ownText(): string {
    return this.#text;
  }

  /** Everything between the element's tags, exactly as in the document. */
  get innerXml(): string {
    return this.#document.slice(this.#from, this.#to);
  }

  /** Names of the element's children, each once, in the order of their first occurrence. */
  get childNames(): readonly string[] {
    return [...(this.#children?.keys() ?? [])];
  }

  /** Returns the value of an attribute, or undefined if the element does not have it. */
  attribute(name: string): string | undefined {
    return this.#attributes[name];
  }

  /** Returns the first child element with this name, otherwise an empty element. */
  child(name: string): XmlElement {
    return this.children(name)[0] ?? new XmlElement();
  }

  children(name: string): readonly XmlElement[] {
    return this.#children?.get(name) ?? [];
  }

  /** Returns the elements of a list, whose names differ from service to service: `member`, `item`, `Tag`. */
  get items(): readonly XmlElement[] {
    return [...(this.#children?.values() ?? [])].flat();
  }

  /** Returns the text of the first child element with this name, or undefined without such an element. */
  text(name: string): string | undefined {
    const [found] = this.children(name);
    return found === undefined ? undefined : found.#text;
  }

  #add(name: string, element: XmlElement): void {
    this.#children ??= new Map();
    const before = this.#children.get(name);
    if (before === undefined) this.#children.set(name, [element]);
    else before.push(element);
  }
}

const withoutPrefix = (name: string): string => name.slice(name.indexOf(":") + 1);
