// Command lines as esptool takes them: those of 4.x, with underscores, and those of 5.x, with dashes.

import { readFileSync } from 'node:fs';

export class UsageError extends Error {}

const SECTOR = 4096;

// Options before the verb: what they are called in the result, and whether a value follows.
const GLOBAL = {
  '--chip': ['chip', true], '-c': ['chip', true],
  '--port': ['port', true], '-p': ['port', true],
  '--baud': ['baud', true], '-b': ['baud', true],
  '--before': ['before', true],
  '--after': ['after', true],
  '--connect-attempts': ['attempts', true],
  '--trace': ['trace', false], '-t': ['trace', false],
};
const WRITING = {
  '--flash-mode': ['mode', true], '-fm': ['mode', true],
  '--flash-freq': ['frequency', true], '-ff': ['frequency', true],
  '--flash-size': ['size', true], '-fs': ['size', true],
  '--erase-all': ['eraseAll', false], '-e': ['eraseAll', false],
  '--no-compress': ['plain', false], '-u': ['plain', false],
  '--compress': ['compress', false], '-z': ['compress', false],
  '--no-progress': ['quiet', false], '-p': ['quiet', false],
  '--verify': ['verify', false],
  '--force': ['force', false],
};
const SIZE = { '--flash-size': ['size', true], '-fs': ['size', true] };
const QUIET = { '--no-progress': ['quiet', false], '-p': ['quiet', false] };

const VERBS = {
  'version': { options: {}, words: [] },
  'write-flash': { options: WRITING, words: 'files' },
  'verify-flash': { options: { ...SIZE, '--flash-mode': ['mode', true], '--flash-freq': ['frequency', true] },
    words: 'files' },
  'read-flash': { options: { ...SIZE, ...QUIET }, words: ['address', 'bytes', 'file'] },
  'erase-region': { options: {}, words: ['address', 'bytes'] },
  'erase-flash': { options: {}, words: [] },
  'flash-id': { options: {}, words: [] },
  'read-mac': { options: {}, words: [] },
};

const dashed = (word) => (/^(--)?[a-z]/.test(word) ? word.replaceAll('_', '-') : word);

function number(word) {
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(word)) {
    throw new UsageError(`"${word}" is not a number`);
  }
  return Number(word);
}

function takeOption(words, known, into) {
  const word = words.shift();
  const [name, value] = word.split(/=(.*)/s);
  const option = known[dashed(name)];
  if (!option) {
    throw new UsageError(`no such option: ${word}`);
  }
  const [key, takesValue] = option;
  if (takesValue && value === undefined && words.length === 0) {
    throw new UsageError(`option ${word} needs a value`);
  }
  into[key] = takesValue ? value ?? words.shift() : true;
}

function takeFiles(words) {
  if (words.length === 0 || words.length % 2 !== 0) {
    throw new UsageError('there must be pairs of an address and a file');
  }
  const files = [];
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i + 1];
    try {
      files.push({ address: number(words[i]), name, data: new Uint8Array(readFileSync(name)) });
    } catch (error) {
      throw error instanceof UsageError ? error : new UsageError(error.message);
    }
  }
  return files;
}

// Throws UsageError.
export function parse(argv, environment) {
  const words = [...argv];
  const result = {
    chip: 'auto', port: environment.ESPTOOL_PORT, baud: environment.ESPTOOL_BAUD ?? '115200',
    before: 'default-reset', after: 'hard-reset', attempts: '7',
    mode: 'keep', frequency: 'keep', size: 'keep',
  };
  while (words[0]?.startsWith('-')) {
    takeOption(words, GLOBAL, result);
  }
  result.verb = dashed(words.shift() ?? '');
  const verb = Object.hasOwn(VERBS, result.verb) ? VERBS[result.verb] : undefined;
  if (!verb) {
    throw new UsageError(`no such command: "${result.verb}" (known: ${Object.keys(VERBS).join(', ')})`);
  }
  const rest = [];
  while (words.length > 0) {
    if (words[0].startsWith('-')) {
      takeOption(words, verb.options, result);
    } else {
      rest.push(words.shift());
    }
  }
  if (verb.words === 'files') {
    result.files = takeFiles(rest);
  } else if (rest.length !== verb.words.length) {
    throw new UsageError(`${result.verb} takes: ${verb.words.join(' ') || 'nothing'}`);
  } else {
    verb.words.forEach((name, i) => { result[name] = name === 'file' ? rest[i] : number(rest[i]); });
  }
  if (result.verb === 'erase-region' && (result.address % SECTOR !== 0 || result.bytes % SECTOR !== 0)) {
    throw new UsageError(`address and size to erase must be multiples of ${SECTOR}`);
  }
  result.baud = number(result.baud);
  result.attempts = number(result.attempts);
  result.chip = result.chip.toLowerCase();
  if (result.verb !== 'version' && !result.port) {
    throw new UsageError('no --port given');
  }
  return result;
}
