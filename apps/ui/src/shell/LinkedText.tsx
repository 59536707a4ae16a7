const address = /(https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?])/;

/** Shows a text in which web addresses are links. */
export function LinkedText({ text }: { text: string }) {
  return (
    <>
      {text.split(address).map((part, index) =>
        index % 2 === 1 ? (
          <a key={index} href={part} target="_blank" rel="noreferrer">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </>
  );
}
