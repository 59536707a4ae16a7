/** Accented and non-Latin letters by the Latin letters that replace them in slugs. */
const LETTERS: Readonly<Record<string, string>> = {
  a: "àáâäåāăąǎǻảãạắằẳẵặấầẩẫậаא",
  b: "бב",
  c: "©çćĉċčцצ",
  d: "ďđдד",
  e: "èéêëēĕėęěəẻẽẹếềểễệеєע",
  f: "ƒф",
  g: "ĝğġģгґג",
  h: "ĥħхהח",
  i: "ìíîïĩīĭįıǐỉịиі",
  j: "ĵй",
  k: "ķĸкךכ",
  l: "ĺļľŀłлל",
  m: "мםמ",
  n: "ńņňŉŋнןנ",
  o: "òóôõöøōŏőơǒǿỏọốồổỗộớờởỡợо",
  p: "þпפף",
  q: "ק",
  r: "®ŕŗřрר",
  s: "śŝşšсס",
  t: "ţťŧтטת",
  u: "ùúûũūŭůűųưǔǖǘǚủụứừửữựу",
  v: "вו",
  w: "ŵש",
  y: "ýÿŷỳỷỹỵыי",
  z: "źžżſзז",
  C: "ץ",
  ae: "æǽ",
  and: "&",
  at: "@",
  ch: "ч",
  ij: "ĳ",
  je: "э",
  jo: "ё",
  ju: "ю",
  ja: "я",
  oe: "œ",
  sch: "щ",
  sh: "ш",
  ss: "ß",
  tm: "™",
  ue: "ü",
  zh: "ж",
  "-": " ъь",
  "": ",\"'\n\r\0?.()",
};

const replacements = /* @__PURE__ */ new Map(
  Object.entries(LETTERS).flatMap(([plain, letters]) => Array.from(letters).map((letter) => [letter, plain] as const)),
);

const MAX_SLUG = 50;

/**
 * Returns a dashboard's title as a slug: `node-exporter`. Letters without a Latin equivalent are replaced by their
 * UTF-8 bytes in hexadecimal. A long title is truncated, whereas Grafana writes a digest. The difference has no effect,
 * because the uid in the address identifies the dashboard.
 */
export function dashboardSlug(title: string): string {
  const text = title
    .slice(0, 4 * MAX_SLUG)
    .toWellFormed()
    .trim();
  const slug = Array.from(text.toLowerCase(), slugLetter).join("");
  if (slug.length <= MAX_SLUG) return slug;
  const end = slug.lastIndexOf("-", MAX_SLUG);
  return slug.slice(0, end > 0 ? end : MAX_SLUG);
}

function slugLetter(letter: string): string {
  const plain = replacements.get(letter);
  if (plain !== undefined) return plain;
  return /^[a-z0-9_-]$/.test(letter) ? letter : hexOf(new TextEncoder().encode(letter));
}

const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
