// {{description}}.
//
// Each interface that world.wit exports is an export of this module, and each record a plain object; what is optional may
// be left out. To fail, throw one of the contract's errors, such as { tag: 'not-found', val: … }: anything else is a crash.
%% full

import { write as log } from 'portcullis:plugin/log@0.1.0';
import { report } from 'portcullis:plugin/progress@0.1.0';
import { get as setting } from 'wasi:config/store@0.2.0-rc.1';
%%
%% tool full

const GREET = {
  name: 'greet',
  title: 'Greet',
  description: 'Greets somebody by name.',
  inputSchema: JSON.stringify({
    type: 'object',
    properties: { name: { type: 'string', description: 'Whom to greet.' } },
    required: ['name'],
    additionalProperties: false,
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

const COUNT_WORDS = {
  name: 'count_words',
  title: 'Count words',
  description: 'Counts the words and the characters of a text.',
  inputSchema: JSON.stringify({
    type: 'object',
    properties: { text: { type: 'string', description: 'The text to count in. It must have a word.' } },
    required: ['text'],
    additionalProperties: false,
  }),
  outputSchema: JSON.stringify({
    type: 'object',
    properties: {
      words: { type: 'integer', description: 'How many words there are.' },
      characters: { type: 'integer', description: 'How many characters there are, spaces included.' },
    },
    required: ['words', 'characters'],
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};
%%
%% resource prompt full

// The languages by their codes, each with its greeting.
const GREETINGS = { de: 'Hallo', en: 'Hello', es: 'Hola', fr: 'Bonjour' };
%%
%% tool full

export const tools = {
  list: () => ({ tools: [GREET, COUNT_WORDS] }),

  call({ name, arguments: text }) {
    // The host checked the arguments against the schema.
    const args = JSON.parse(text);
    switch (name) {
      case 'greet':
        return greet(args.name);
      case 'count_words':
        return countWords(args.text);
      default:
        throw { tag: 'not-found', val: name };
    }
  },
};
%%
%% tool

function greet(name) {
  return yes(`Hello, ${name}!`);
}
%%
%% full

function greet(name) {
  const greeting = GREETINGS[setting('language')] ?? 'Hello';
  return yes(`${greeting}, ${name}!`);
}
%%
%% tool full

function countWords(text) {
%%
%% full
  report(1, 2, 'splitting the text');
%%
%% tool full
  const words = text.split(/\s+/).filter((word) => word !== '').length;
  if (words === 0) {
    return no('there is no word in the text: send at least one');
  }
%%
%% full
  report(2, 2, 'counting characters');
  log('info', undefined, `counted ${words} words`);
%%
%% tool full
  // Characters, and not the UTF-16 units that `length` counts.
  const structured = JSON.stringify({ words, characters: [...text].length });
  return { tag: 'complete', val: { content: [textBlock(structured)], structured } };
}

/** An answer in words. */
function yes(text) {
  return { tag: 'complete', val: { content: [textBlock(text)] } };
}

/** A "no" that the model can act on. */
function no(text) {
  return { tag: 'complete', val: { content: [textBlock(text)], isError: true } };
}
%%
%% resource full

const PREFIX = '{{name}}://greetings/';

export const resources = {
  list() {
    const languages = {
      uri: '{{name}}://languages',
      name: 'languages',
      title: 'Languages',
      description: 'The languages there is a greeting in, one on each line.',
      mimeType: 'text/plain',
    };
    return { resources: [languages] };
  },

  listTemplates() {
    const greeting = {
      uriTemplate: `${PREFIX}{language}`,
      name: 'greeting_in',
      title: 'A greeting',
      description: 'The greeting in one language, by its code, such as `fr`.',
      mimeType: 'text/plain',
    };
    return { templates: [greeting] };
  },

  read({ uri }) {
    if (uri === '{{name}}://languages') {
      return contents(uri, Object.keys(GREETINGS).join('\n'));
    }
    const language = uri.startsWith(PREFIX) ? uri.slice(PREFIX.length) : '';
    if (!Object.hasOwn(GREETINGS, language)) {
      throw { tag: 'not-found', val: uri };
    }
    return contents(uri, GREETINGS[language]);
  },
};

function contents(uri, text) {
  const body = { tag: 'text', val: text };
  return { tag: 'complete', val: { contents: [{ uri, mimeType: 'text/plain', body }] } };
}
%%
%% prompt full

export const prompts = {
  list() {
    const welcome = {
      name: 'welcome',
      title: 'Write a welcome',
      description: 'Asks for a welcome to somebody who is new.',
      arguments: [
        { name: 'name', description: 'Who is new.', required: true },
        { name: 'language', description: 'The language to begin in, by its code, such as `fr`; English when left out.' },
      ],
    };
    return { prompts: [welcome] };
  },

  get({ name, arguments: given }) {
    if (name !== 'welcome') {
      throw { tag: 'not-found', val: name };
    }
    const { name: person, language = 'en' } = Object.fromEntries(given);
    if (!Object.hasOwn(GREETINGS, language)) {
      throw { tag: 'invalid-params', val: `there is no language \`${language}\`: try \`en\`` };
    }
    const text = `Write a short and friendly welcome to ${person}. Begin with "${GREETINGS[language]}".`;
    return { tag: 'complete', val: { messages: [{ role: 'user', content: textBlock(text) }] } };
  },
};

export const completion = {
  complete({ reference, argument, value }) {
    if (reference.tag !== 'prompt' || reference.val !== 'welcome' || argument !== 'language') {
      throw { tag: 'not-found', val: argument };
    }
    return { values: Object.keys(GREETINGS).filter((language) => language.startsWith(value)) };
  },
};
%%
%% tool prompt full

function textBlock(text) {
  return { tag: 'text', val: { text } };
}
%%
