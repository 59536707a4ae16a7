import { setImmediate } from "node:timers/promises";

/** Characters read between two yields to the event loop. */
const PIECE = 64 * 1024;

/** An element of an XML answer; attributes and namespaces are left out. */
export class XmlElement {
  readonly #children = new Map<string, XmlElement[]>();
  #text = "";

  /** The root element. Rejects where the text is no XML document. The library is loaded with the first one. */
  static async parse(text: string): Promise<XmlElement> {
    const { SaxesParser } = await import("saxes");
    const parser = new SaxesParser();
    const document = new XmlElement();
    const open = [document];
    parser.on("opentag", ({ name }) => {
      const element = new XmlElement();
      open.at(-1)!.#add(name.slice(name.indexOf(":") + 1), element);
      open.push(element);
    });
    parser.on("closetag", () => void open.pop());
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
    return [...document.#children.values()][0]![0]!;
  }

  /** The first child of that name; an empty element if there is none. */
  child(name: string): XmlElement {
    return this.children(name)[0] ?? new XmlElement();
  }

  /** All children of that name, in order. */
  children(name: string): readonly XmlElement[] {
    return this.#children.get(name) ?? [];
  }

  /** Text of the first child of that name, or undefined if there is none. */
  text(name: string): string | undefined {
    const [found] = this.children(name);
    return found === undefined ? undefined : found.#text;
  }

  #add(name: string, element: XmlElement): void {
    const before = this.#children.get(name);
    if (before === undefined) this.#children.set(name, [element]);
    else before.push(element);
  }
}
