/** A block of server-sent events; without data a heartbeat. */
export interface ServerEvent {
  id?: string;
  name?: string;
  data?: string;
  retry?: number;
}

/**
 * The events of a stream (WHATWG HTML, section 9.2). Only whole blocks: one that was cut comes again after a reconnection.
 * `alive` is called for every piece that arrives.
 */
export async function* readEvents(stream: ReadableStream<Uint8Array>, alive: () => void): AsyncGenerator<ServerEvent, void, undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let [rest, block] = ["", [] as string[]];
  while (true) {
    const { done, value } = await reader.read();
    if (done)
      return;
    alive();

    // A carriage return at the end may be the first half of a line's end.
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    for (const line of lines) {
      if (line !== "") {
        block.push(line);
      } else if (block.length > 0) {
        yield eventOf(block);
        block = [];
      }
    }
  }
}

function eventOf(lines: string[]): ServerEvent {
  const event: ServerEvent = {};
  for (const line of lines) {
    const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    if (field === "id")
      event.id = value;
    else if (field === "event")
      event.name = value;
    else if (field === "data")
      event.data = event.data === undefined ? value : `${event.data}\n${value}`;
    else if (field === "retry" && /^\d+$/.test(value))
      event.retry = Number(value);
  }
  return event;
}
