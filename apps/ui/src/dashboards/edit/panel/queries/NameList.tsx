/** Largest number of suggested names. A browser cannot show more in a list. */
const MAX_NAMES = 2000;

/** The names that an input suggests. */
export function NameList({ id, names }: { id: string; names: readonly string[] }) {
  return (
    <datalist id={id}>
      {names.slice(0, MAX_NAMES).map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </datalist>
  );
}
