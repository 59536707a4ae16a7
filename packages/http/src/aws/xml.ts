/** An element of an XML answer; attributes and namespaces are left out. */
export class XmlElement {
  readonly #content: unknown;

  private constructor(content: unknown) {
    this.#content = content;
  }

  /** The root element. Throws where the text is no XML document. The library is loaded with the first one. */
  static async parse(text: string): Promise<XmlElement> {
    const { XMLParser, XMLValidator } = await import("fast-xml-parser");
    const sound = XMLValidator.validate(text);
    if (sound !== true) throw new Error(`answer is not XML: line ${sound.err.line}: ${sound.err.msg}`);
    const parser = new XMLParser({
      ignoreAttributes: true,
      ignoreDeclaration: true,
      parseTagValue: false,
      trimValues: false,
      removeNSPrefix: true,
      // Without it numeric references stay as they are written.
      htmlEntities: true,
    });
    const roots = Object.entries(parser.parse(text) as Record<string, unknown>).filter(([name]) => name !== "#text");
    return new XmlElement(roots[0]?.[1] ?? "");
  }

  /** The first child of that name; an empty element where there is none. */
  child(name: string): XmlElement {
    return this.children(name)[0] ?? new XmlElement("");
  }

  /** All children of that name, in order. */
  children(name: string): XmlElement[] {
    const content = this.#content;
    if (typeof content !== "object" || content === null || !Object.hasOwn(content, name)) return [];
    const found = (content as Readonly<Record<string, unknown>>)[name];
    return (Array.isArray(found) ? (found as unknown[]) : [found]).map((item) => new XmlElement(item));
  }

  /** Text of the first child of that name; undefined where there is none. */
  text(name: string): string | undefined {
    const [found] = this.children(name);
    if (found === undefined) return undefined;
    return typeof found.#content === "string" ? found.#content : "";
  }
}
