// A serial port as esptool-js wants it (Web Serial), over a terminal of the host.

import { spawnSync } from 'node:child_process';
import { constants, promises as fs } from 'node:fs';

const READ_BYTES = 65536;

export class SerialPort {
  #path;
  #file = null;
  #reading = null;

  constructor(path) {
    this.#path = path;
  }

  getInfo() {
    return {};
  }

  async open({ baudRate }) {
    try {
      this.#file = await fs.open(this.#path, constants.O_RDWR | constants.O_NOCTTY);
      this.#configure(baudRate);
    } catch (error) {
      throw new Error(`Could not open ${this.#path}, the port is busy or doesn't exist.\n(${error.message})`);
    }
    const file = this.#file;
    this.readable = new ReadableStream({
      start: (controller) => { this.#reading = this.#read(file, controller); },
      cancel: () => { this.#file = null; },
    });
    this.writable = new WritableStream({
      write: async (bytes) => {
        for (let sent = 0; sent < bytes.length;) {
          sent += (await file.write(bytes, sent)).bytesWritten;
        }
      },
    });
  }

  // Without closing the port, which would take the power off a virtual chip.
  async setBaudRate(baudRate) {
    this.#configure(baudRate);
  }

  // Node cannot set modem lines; boards are put into their loader by hand, virtual chips need nothing.
  async setSignals() {}

  async close() {
    const reading = this.#reading;
    const file = this.#file;
    this.#file = null;
    this.#reading = null;
    const still_open = await reading;
    await (file ?? still_open)?.close();
  }

  #configure(baudRate) {
    // A read returns when there is something, or after a tenth of a second.
    const settings = ['raw', '-echo', 'clocal', '-hupcl', 'min', '0', 'time', '1', String(baudRate)];
    const done = spawnSync('stty', settings, { stdio: [this.#file.fd, 'ignore', 'pipe'], encoding: 'utf8' });
    if (done.status !== 0) {
      throw new Error((done.stderr ?? String(done.error)).trim());
    }
  }

  // Returns the file, for it to be closed, when the port is no longer open.
  async #read(file, controller) {
    const block = new Uint8Array(READ_BYTES);
    try {
      while (this.#file === file) {
        const { bytesRead } = await file.read(block, 0, READ_BYTES);
        if (bytesRead > 0 && this.#file === file) {
          controller.enqueue(block.slice(0, bytesRead));
        }
      }
    } catch (error) {
      if (this.#file === file) {
        controller.error(error);
      }
    }
    return file;
  }
}
