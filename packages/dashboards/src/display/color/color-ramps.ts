/**
 * Perceptual colour maps, which remain readable in greyscale: 256 colours each. A map consists of its first colour and the
 * differences between neighbours. The differences of the red values come first, then green, then blue. `m` is 0, `n` is 1
 * and `l` is -1. In this form, the maps need a sixth of the bytes of a page.
 */
const maps = {
  viridis: [
    "440154",
    "mnmnmmmnmmmmnmmmmmmmmmmmmmmmmlmmmmlmmmlmmlmmlmlmmlmlmlmlmmlmlmlmlmlmlmlmlmlmlmlmlmlmmlmlmlmmlmlmmlmlmm",
    "lmmlmlmmlmmlmmlmlmmlmmlmmmlmmlmmmmmmlmmnmmmmmnmnmnmnnnmnnnnnonnnononononoonoooooooooooooooopooopoopoop",
    "opopopopopoppopoppoppoppoppoppoppoppopoppopopopoopononononononononnonnnonnonnnonnonnnnonnnonnnnonnnnno",
    "nnnnnnonnnnnnnnnnonnnnnnnnnnnnnnnnnnnnnnnnnmnnnnnnnnnnnnnnnnnmnnnnnnnnnnnnnnnnmnnnnnnnnnnnnnnnmnnnnnnn",
    "nnnnnmnnnnnnnnnmnnnnnnmnnnnnmnnnnmnnnmnnnmnnmnnnmnmnnmnnmnmnmnmnmnmnmnmnmnmmnmmnmnmmnmmnmmnmmnmmmnmmnm",
    "onononnononnonnnonnnnnonnnnnnnmnnnnmnnnmnnmnmnmnmnmnmmnmmnmmmnmmmnmmmmmnmmmmmmmmnmmmmmmmmmmmmmmmmmmmmm",
    "mmmmmmmmmmmmmmmmmmlmmmmmmlmmmmlmmmlmmlmmlmmlmlmlmmllmlmlmllmlllmlllmllllllllllllllllllklllkllkllkllklk",
    "lklkklklkklkklkklkkklkkklklkkllkllllmlmmnmnnnnnonoo",
  ],
  magma: [
    "000004",
    "nmmnmmnmnnnmnnnnnnnnonnnnnnonnonnonnonoononooonoonooonoonoonoononoononononoononononoononononoononoonon",
    "oononoononoonoonoononoonoonoononoononoonononononononnonnnonnnnnnnnnnnmnnmnnmnmnmnmmnmmnmmnmmmmnmmmmmnm",
    "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmlmmmmmmmmmlmmmmmmmmmmnmmnmnmnmnmnnmnnmnnmnnmnmnmnmmnmmmmnmmlmmmmmlmmmlm",
    "mmmmmnmmmnmnmnmnnmnmnnmnnmnnmnmnnmnnmnmnmnnmnmnmnnmnmnmnmnmnmnmnmnmnnmnmnmnmnmnnmnmnnmnnmnnmnnnnnmnnnn",
    "nonnnnonnonnonoonoonooonoooooonoooooooonoooooooonooooooonoooooonooooonooooonooooonooooonoooonooooonooo",
    "nnonooopoooooooooopoooopoopoopopoopopopoopoooooonoonnonnnnmnnnmnmnmnmmnmmnmmmmnmmmmmmmmmmnmmmmlmmmmmmm",
    "mmmlmmmmlmmmlmmlmmlmlmmlmlmlmlmllmllmllmllmlllmllllmllllmllmllmllmmlmlmmmmmmmmmmnmmnmnmnnmnnnnnnnnnnnn",
    "nnonnnonnonnononononoononoonoonooonoooonooooooonooo",
  ],
  inferno: [
    "000004",
    "nmmnmmnnmnnnnnnnnnnonnonnonononoonoonoooonooonoonooonoononoononoononoononoononoonononoononoononoononon",
    "oononoononononoonononononononnononnonnonnonnnonnnnonnnnnnnnnnnnnnmnnnnmnnmnnmnnmnmnmnmmnmmnmmnmmmmnmmm",
    "mmmmmmmmlmmmmlmmmlmmlmlmlmlmlmmlmlmmlmmmnmnmnnnonnomnmmnmmnmnmnmnnmnmnmnmnmmnmmmmmmmmmlmmmlmmmlmmmmmnm",
    "mmnmnmnmnmnmnmnnmnmnnmnmnnmnmnmnnmnmnmnnmnmnmnmnnmnmnmnnmnmnnmnnmnnmnnmnnnmnnnnnmnnnnnnnnnnnnnnonnnnon",
    "nnonnononnononononoonoonoonoonooonooonooooonooooooonoooooooooooooooonooooooooooooooonooonoononnonnnnno",
    "nnooooooopoooopoopoopoopopopoopoopoooooonononnnnnnnmnnmnmnmmnmmnmmmmmmmmmmmmmmmmmmmlmmmmlmmlmmlmlmmlml",
    "mlmllmlmlllmllmllllmlllllllllllllllllllllllllklllllklllllkllllklllklllkllkllkllklllkllklllllmlmmmnmnnn",
    "onoonoooopooopoopoppoppppppppqpqpqqqqqqqqrqqqqqqpqp",
  ],
  plasma: [
    "0d0887",
    "ppppoopooooooonoooonooonoonoononoonoonononoononononoonononononononononnononnononnonnonnonnnonnnonnnnon",
    "nnnnnnnonnnnnnnnnnnnnnnnnnmnnnnnnnnnmnnnnnmnnnnmnnnnmnnnmnnmnnmnnmnnmnnmnmnmnnmnmnmnmnmmnmnmmnmmnmmnmm",
    "mmnmmmmmmmnmmmmmmlmmmmmmlmmmlmmlmlmlmlmlmlmllmllmlmlmmlmmmmmlmmmmmmmlmmmmmmmlmmmmmlmmmmmlmmmmmmlmmmmmm",
    "mmmmnmmmmnmnmnmnmnnnnnnnnnnnnonnnnnnnnonnnnnnnonnnnnnonnnnnnnonnnnnnnonnnnnnnonnnnnnonnnnnnnonnnnnonnn",
    "nnonnnnonnnnonnnonnnonnnonnonnonnonnonnononnononnonononononononononoononoononoonoonoonoonooonoonooonoo",
    "nnnonnnnnmnnnnnnmnnnmnnmnnmnmnnmnmnmnmmnmnmmnmmmnmmmmmmmmmmmmmmmmlmmlmmlmmlmlmllmllmllmlllmllllllmllll",
    "llllllllmllllllllllllllmlllllllllmlllllllmlllllllmllllllmllllllmllllllmllllllmlllllllmllllllmllllllmll",
    "lllmllllmlllmllmlmllmmlmlmmmlmmmmmnmmmmnmmnmmmmlllj",
  ],
} as const;

export type ColorRamp = keyof typeof maps;

const COLORS = 256;
const NO_DIFFERENCE = "m".charCodeAt(0);

/** The colours of each map that was used, six hexadecimal digits per colour. */
const known = new Map<ColorRamp, readonly string[]>();

/** Returns the 256 colours of a map, six hexadecimal digits per colour. */
export function colorsOf(name: ColorRamp): readonly string[] {
  let colors = known.get(name);
  if (colors === undefined) known.set(name, (colors = decoded(maps[name])));
  return colors;
}

function decoded([first, ...lines]: readonly string[]): readonly string[] {
  const differences = lines.join("");
  const channels = [0, 1, 2].map((channel) => {
    let value = Number.parseInt(first!.slice(channel * 2, channel * 2 + 2), 16);
    const values = [value];
    for (let i = 0; i < COLORS - 1; i++)
      values.push((value += differences.charCodeAt(channel * (COLORS - 1) + i) - NO_DIFFERENCE));
    return values;
  });
  return channels[0]!.map((_, i) => channels.map((values) => values[i]!.toString(16).padStart(2, "0")).join(""));
}
