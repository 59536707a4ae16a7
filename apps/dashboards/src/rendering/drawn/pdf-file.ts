/** A page of a PDF that consists of one picture. */
export interface PicturePage {
  /** A PNG file with 8 bits for each of red, green and blue, without interlacing. */
  readonly png: Uint8Array;
  /** Size of the page, points. */
  readonly width: number;
  readonly height: number;
  /** Distance of the picture to the edges, points. The picture keeps its proportions. */
  readonly margin: number;
}

interface PngParts {
  readonly width: number;
  readonly height: number;
  /** The compressed pixels. PDF has the same compression and the same filters as PNG. */
  readonly data: Buffer;
}

/** Returns a PDF with a picture on each page. */
export function pictureDocument(pages: readonly PicturePage[]): Uint8Array {
  const file = new ObjectFile();
  const kids = pages.map((_, i) => `${3 + 3 * i} 0 R`).join(" ");
  file.add("<< /Type /Catalog /Pages 2 0 R >>");
  file.add(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  for (const { png, width, height, margin } of pages) {
    const parts = pngParts(png);
    const id = file.nextId;
    const scale = Math.min((width - 2 * margin) / parts.width, (height - 2 * margin) / parts.height);
    const [shownWidth, shownHeight] = [parts.width * scale, parts.height * scale];
    const drawing = `q ${fixed(shownWidth)} 0 0 ${fixed(shownHeight)} ${margin} ${fixed(height - margin - shownHeight)} cm /P Do Q`;
    file.add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents ${id + 1} 0 R /Resources << /XObject << /P ${id + 2} 0 R >> >> >>`,
    );
    file.add(`<< /Length ${drawing.length} >>`, Buffer.from(drawing));
    file.add(
      `<< /Type /XObject /Subtype /Image /Width ${parts.width} /Height ${parts.height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns ${parts.width} >> /Length ${parts.data.length} >>`,
      parts.data,
    );
  }
  return file.bytes();
}

const fixed = (value: number): string => value.toFixed(2);

/** Reads the size and the compressed pixels of a PNG file. */
function pngParts(png: Uint8Array): PngParts {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const parts: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), data: Buffer.concat(parts) };
}

/** The objects of a PDF file, with the table of their positions. */
class ObjectFile {
  readonly #parts: Buffer[] = [Buffer.from("%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n", "latin1")];
  readonly #positions: number[] = [];
  #length = this.#parts[0]!.length;

  /** Number of the object that is added next. */
  get nextId(): number {
    return this.#positions.length + 1;
  }

  add(dictionary: string, stream?: Buffer): void {
    const id = this.nextId;
    this.#positions.push(this.#length);
    this.#write(Buffer.from(`${id} 0 obj\n${dictionary}\n`));
    if (stream !== undefined) {
      this.#write(Buffer.from("stream\n"));
      this.#write(stream);
      this.#write(Buffer.from("\nendstream\n"));
    }
    this.#write(Buffer.from("endobj\n"));
  }

  bytes(): Uint8Array {
    const start = this.#length;
    const rows = this.#positions.map((position) => `${String(position).padStart(10, "0")} 00000 n \n`);
    const size = rows.length + 1;
    const table = `xref\n0 ${size}\n0000000000 65535 f \n${rows.join("")}`;
    const end = `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
    return Buffer.concat([...this.#parts, Buffer.from(table + end)]);
  }

  #write(part: Buffer): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}
