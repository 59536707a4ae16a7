import { Modal, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { Fragment } from "react";
import { keyNames, keySections } from "./key-list.ts";
import { classesOf } from "../style-sheet.ts";
import { controlKey } from "./page-keys.ts";
import styles from "./KeyListModal.module.css";

const css = classesOf(styles);

function Ways({ ways }: { ways: readonly string[] }) {
  return ways.map((way, at) => (
    <Fragment key={way}>
      {at > 0 && " or "}
      <span className={css("way")}>
        {keyNames(way).map((name, index) => (
          <Fragment key={name}>
            {index > 0 && " then "}
            <kbd className={css("key")}>{name}</kbd>
          </Fragment>
        ))}
      </span>
    </Fragment>
  ));
}

/** Lists the keys of all pages. */
export default function KeyListModal({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keys" size="xl">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        {keySections(controlKey).map(({ name, keys }) => (
          <Stack key={name} gap={4} component="section" aria-label={name}>
            <Title order={3} size="h6">
              {name}
            </Title>
            <Table withRowBorders={false} verticalSpacing={3} horizontalSpacing={4}>
              <Table.Tbody>
                {keys.map(({ ways, text }) => (
                  <Table.Tr key={text}>
                    <Table.Td>
                      <Text size="sm">{text}</Text>
                    </Table.Td>
                    <Table.Td ta="right">
                      <Text size="xs" c="dimmed" component="span">
                        <Ways ways={ways} />
                      </Text>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Stack>
        ))}
      </SimpleGrid>
    </Modal>
  );
}
