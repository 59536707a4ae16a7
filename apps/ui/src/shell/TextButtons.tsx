import { Button, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy, IconDownload } from "@tabler/icons-react";
import { download } from "./download.ts";

/** Buttons that copy a text and save it as a file. */
export function TextButtons({
  text,
  file,
  type,
  label = "Download",
}: {
  text: string;
  /** Name of the file. */
  file: string;
  /** Media type of the file. */
  type: string;
  /** Label of the button that saves the file. */
  label?: string;
}) {
  return (
    <>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="xs"
            variant="default"
            leftSection={copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
            onClick={copy}
          >
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
      </CopyButton>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconDownload size={15} aria-hidden />}
        onClick={() => download(file, new Blob([text], { type }))}
      >
        {label}
      </Button>
    </>
  );
}
