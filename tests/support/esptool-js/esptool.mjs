#!/usr/bin/env node
// Espressif's own client, esptool-js, as a command with esptool's verbs, options and exit status: 0 it
// was done, 2 whatever went wrong. It always works through the stub.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
// The bundle: the library's other modules import JSON in a way that not every Node 18 understands.
import { ESPLoader, Transport } from 'esptool-js/bundle.js';
import { parse, UsageError } from './command_line.mjs';
import { SerialPort } from './serial_port.mjs';

const FAILED = 2;

const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');
const hex = (number) => '0x' + number.toString(16).padStart(8, '0');

function version() {
  const file = new URL('./node_modules/esptool-js/package.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

function words(...values) {
  const bytes = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => bytes.setUint32(i * 4, value, true));
  return new Uint8Array(bytes.buffer);
}

async function connect(job) {
  const transport = new Transport(new SerialPort(job.port), job.trace ?? false);
  if (!job.trace) {
    transport.trace = () => {};  // it tells of the end of the port even so
  }
  const terminal = {
    clean() {},
    writeLine(line) { console.log(line); },
    write(text) { process.stdout.write(text); },
  };
  const loader = new ESPLoader({ transport, baudrate: job.baud, romBaudrate: Math.min(job.baud, 115200), terminal });
  const once = loader.openAndSync.bind(loader);
  loader.openAndSync = (mode) => once(mode, job.attempts);
  await loader.main(job.before.replaceAll('-', '_'));
  const chip = loader.chip.CHIP_NAME.toLowerCase().replaceAll('-', '');
  if (job.chip !== 'auto' && job.chip !== chip) {
    throw new Error(`This chip is ${loader.chip.CHIP_NAME}, not ${job.chip.toUpperCase()}. Wrong --chip argument?`);
  }
  return loader;
}

async function writeFlash(loader, job) {
  await loader.writeFlash({
    fileArray: job.files.map(({ data, address }) => ({ data, address })),
    flashMode: job.mode, flashFreq: job.frequency, flashSize: job.size,
    eraseAll: job.eraseAll ?? false, compress: !job.plain,
    calculateMD5Hash: md5,
  });
}

async function verifyFlash(loader, job) {
  for (const { address, name, data } of job.files) {
    console.log(`Verifying ${data.length} bytes at ${hex(address)} in flash against ${name}...`);
    if (await loader.flashMd5sum(address, data.length) !== md5(data)) {
      throw new Error('Verify failed (digest mismatch).');
    }
    console.log('-- verify OK (digest matched)');
  }
}

async function readFlash(loader, job) {
  const data = await loader.readFlash(job.address, job.bytes);
  if (await loader.flashMd5sum(job.address, job.bytes) !== md5(data)) {
    throw new Error('Digest mismatch: what was read is not what is in flash.');
  }
  writeFileSync(job.file, data);
  console.log(`Read ${data.length} bytes at ${hex(job.address)}.`);
}

async function eraseRegion(loader, job) {
  const timeout = 10000 + job.bytes / 1000 * 30;
  await loader.checkCommand('erase region', loader.ESP_ERASE_REGION, words(job.address, job.bytes), 0, 0, timeout);
  console.log('Erase completed successfully.');
}

// esptool-js goes back from the stub to the loader on an ESP8266 only; esptool does on all chips.
async function end(loader, after) {
  if (after === 'no_reset' && loader.IS_STUB) {
    await loader.flashBegin(0, 0);
    await loader.flashFinish(true);
  } else {
    await loader.after(after, false);
  }
}

const VERBS = {
  'write-flash': writeFlash,
  'verify-flash': verifyFlash,
  'read-flash': readFlash,
  'erase-region': eraseRegion,
  'erase-flash': (loader) => loader.eraseFlash(),
  'flash-id': (loader) => loader.flashId(),
  'read-mac': async () => {},  // connecting has told it
};

async function run() {
  const job = parse(process.argv.slice(2), process.env);
  console.log(`esptool.js v${version()}`);
  if (job.verb === 'version') {
    console.log(version());
    return;
  }
  const loader = await connect(job);
  await VERBS[job.verb](loader, job);
  await end(loader, job.after.replaceAll('-', '_'));
  await loader.transport.disconnect();
}

try {
  await run();
} catch (error) {
  const usage = error instanceof UsageError;
  console.error(usage ? `esptool: error: ${error.message}` : `\nA fatal error occurred: ${error.message}`);
  process.exitCode = FAILED;
}
// A read of the port may be under way.
process.exit();
