// Everything here is an extra: each page works without it. A feature that throws is left
// out and the others go on, so a fault never stands between a person and a form.
(function () {
  'use strict';
  var words = document.currentScript ? document.currentScript.dataset : {};
  var doc = document;

  function feature(f) {
    try { f(); } catch (e) { if (window.console) console.warn(e); }
  }
  function each(selector, f) {
    Array.prototype.forEach.call(doc.querySelectorAll(selector), f);
  }
  function say(text, values) {
    return (text || '').replace(/\{(\w+)\}/g, function (all, name) { return name in values ? values[name] : all; });
  }
  function plain(s) { return s.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/gi, 'd').toLowerCase(); }
  function uuid() {
    if (window.crypto && crypto.randomUUID) return crypto.randomUUID();
    var b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = b[6] & 15 | 64; b[8] = b[8] & 63 | 128;
    var hex = Array.prototype.map.call(b, function (x) { return (x + 256).toString(16).slice(1); }).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  // Five minutes before the session ends a banner says so; its button asks for a page, which
  // goes on with it. A save in the background does the same.
  feature(function () {
    var seconds = +doc.body.dataset.session, timer, box;
    function arm() {
      clearTimeout(timer);
      if (box) box.remove();
      box = null;
      timer = setTimeout(warn, Math.max(0, seconds - 300) * 1000);
    }
    function warn() {
      var button = doc.createElement('button'), text = doc.createElement('p');
      box = doc.createElement('div');
      box.className = 'notice warning session-end';
      box.setAttribute('role', 'alert');
      text.textContent = words.ending;
      button.type = 'button'; button.className = 'button secondary small'; button.textContent = words.stay;
      button.addEventListener('click', function () {
        fetch('/ho-so', { credentials: 'same-origin', redirect: 'error' }).then(arm, function () { text.textContent = words.unsaved; });
      });
      box.append(text, button);
      doc.querySelector('main').prepend(box);
    }
    if (!seconds || !window.fetch) return;
    doc.addEventListener('motcua:saved', arm);
    arm();
  });

  // The error summary is where reading begins.
  feature(function () {
    var box = doc.getElementById('loi');
    if (!box) return;
    box.focus();
    each('#loi a[href^="#"]', function (a) {
      a.addEventListener('click', function (e) {
        var field = doc.getElementById(a.getAttribute('href').slice(1));
        if (!field) return;
        e.preventDefault();
        var around = field.closest('.field') || field;
        around.scrollIntoView();
        field.focus({ preventScroll: true });
      });
    });
  });

  // Escape closes what was opened in the header.
  feature(function () {
    doc.addEventListener('keydown', function (e) {
      if (e.key !== 'Escape') return;
      each('details.fold[open]', function (d) {
        d.open = false;
        d.querySelector('summary').focus();
      });
    });
  });

  // A second press while the first is under way does nothing; the server would give the
  // first answer anyway.
  feature(function () {
    var pressed = [];
    doc.addEventListener('submit', function (e) {
      var form = e.target;
      if (form.method !== 'post' || e.defaultPrevented) return;
      if (form.dataset.sent) { e.preventDefault(); return; }
      form.dataset.sent = '1';
      var button = e.submitter;
      if (!button || !button.classList.contains('button') || !words.busy) return;
      setTimeout(function () { // after the browser has taken the button's name and value
        pressed.push([button, button.innerHTML]);
        button.setAttribute('aria-disabled', 'true');
        button.textContent = words.busy;
      });
    });
    window.addEventListener('pageshow', function (e) {
      if (!e.persisted) return;
      each('form[data-sent]', function (f) { delete f.dataset.sent; });
      pressed.splice(0).forEach(function (p) {
        p[0].removeAttribute('aria-disabled');
        p[0].innerHTML = p[1];
      });
    });
  });

  // "None of these" and the others exclude each other.
  feature(function () {
    doc.addEventListener('change', function (e) {
      var box = e.target;
      if (box.type !== 'checkbox' || !box.checked) return;
      var set = box.closest('fieldset');
      if (!set || !set.querySelector('[data-none]')) return;
      Array.prototype.forEach.call(set.querySelectorAll('input[type=checkbox]'), function (other) {
        if (other !== box && other.hasAttribute('data-none') !== box.hasAttribute('data-none')) other.checked = false;
      });
    });
  });

  // How many characters are left, once it matters. It is read out at a pause only.
  feature(function () {
    each('textarea[data-most]', function (area) {
      var most = +area.dataset.most, line = doc.createElement('p'), timer;
      line.className = 'hint';
      line.setAttribute('aria-live', 'polite');
      area.insertAdjacentElement('afterend', line);
      function count() {
        var left = most - Array.from(area.value).length;
        line.textContent = left > most * 0.25 ? '' : say(left < 0 ? words.over : words.left, { n: Math.abs(left) });
      }
      area.addEventListener('input', function () { clearTimeout(timer); timer = setTimeout(count, 700); });
      count();
    });
  });

  // Autosave: <form data-autosave> is sent in the background after a pause of two seconds
  // and when the page is put away, with "tu-luu" added and a key of its own. The server
  // answers JSON {"at": "14:05", "ban": what the page has shown now, "choose": address}, the
  // last where a field was changed elsewhere. A press waits for a save that is under way;
  // while the line is down it saves first, and only what is saved leaves the page. Pages of
  // one draft tell each other what is unsaved, so that nothing is filed meanwhile.
  feature(function () {
    var channel = window.BroadcastChannel && new BroadcastChannel('ho-so');
    function draftOf(form) { return form.action.split('/ho-so/')[1].slice(0, 36); }
    each('form[data-autosave]', function (form) {
      var line = form.querySelector('[data-saved]'), fields = form.elements, timer, wait = 2000, dirty = false, busy = false, lost = '', press;
      function tell(text, link) {
        line.textContent = text;
        if (!link) return;
        var a = doc.createElement('a');
        a.href = link; a.textContent = words.choose;
        line.append(' ', a);
      }
      function cry() { if (channel) channel.postMessage({ draft: draftOf(form), lost: !!lost }); }
      function end() {
        var then = press;
        busy = false; press = null;
        line.classList.toggle('caution', !!lost);
        if (then && !lost) { dirty = false; form.requestSubmit(then); }
        else if (dirty && !lost) timer = setTimeout(save, 2000);
        cry();
      }
      function save() {
        clearTimeout(timer);
        if (!dirty || busy || form.dataset.sent) return;
        busy = true; dirty = false;
        fields._lan.value++;
        var data = new URLSearchParams(new FormData(form)), away = doc.visibilityState === 'hidden';
        data.set('_key', uuid());
        data.set('tu-luu', '1');
        fetch(form.action, { method: 'POST', body: data, headers: { Accept: 'application/json' }, credentials: 'same-origin', keepalive: away && String(data).length < 6e4 })
          .then(function (r) { return r.json().then(function (answer) {
            if (r.ok) {
              lost = ''; wait = 2000;
              fields._ban.value = answer.ban;
              doc.dispatchEvent(new Event('motcua:saved'));
              tell(say(words.saved, { time: answer.at }) + (answer.choose ? '. ' + words.overtaken : ''), answer.choose);
            } else {
              if (r.status > 499 || r.status === 429) throw 0;
              dirty = true;
              lost = r.status === 401 ? 'out' : 'no';
              tell(lost === 'out' ? words.out : answer.message);
              if (lost === 'out' && press) lost = '';
            }
          }); })
          .catch(function () {
            dirty = true; lost = 'net';
            tell(words.unsaved);
            timer = setTimeout(save, wait = Math.min(60000, wait * 2));
          })
          .then(end);
      }
      function away() { if (doc.visibilityState === 'hidden') save(); }
      if (!line || !window.fetch || !form.requestSubmit) return;
      form.addEventListener('input', function () { dirty = true; clearTimeout(timer); timer = setTimeout(save, 2000); });
      form.addEventListener('submit', function (e) {
        if (!busy && lost !== 'net' && navigator.onLine !== false) { fields._lan.value++; return; }
        e.preventDefault();
        e.stopImmediatePropagation();
        press = e.submitter; dirty = true;
        save();
      }, true);
      doc.addEventListener('click', function (e) {
        if (!lost || !e.target.closest('a[href$="/kiem-tra"]')) return;
        e.preventDefault();
        tell(words.unsaved);
      });
      doc.addEventListener('visibilitychange', away);
      window.addEventListener('pagehide', save);
      window.addEventListener('online', save);
      window.addEventListener('beforeunload', function (e) {
        if (dirty && lost && !form.dataset.sent) { e.preventDefault(); e.returnValue = ''; }
      });
      if (channel) channel.addEventListener('message', function (e) { if (e.data === draftOf(form) && lost) cry(); });
    });
    each('form[data-filing]', function (form) {
      var line = form.querySelector('[data-saved]'), unsaved;
      if (!channel) return;
      channel.addEventListener('message', function (e) {
        if (e.data.draft !== draftOf(form)) return;
        unsaved = e.data.lost;
        line.textContent = unsaved ? words.elsewhere : '';
      });
      channel.postMessage(draftOf(form));
      form.addEventListener('submit', function (e) {
        if (!unsaved) return;
        e.preventDefault();
        e.stopImmediatePropagation();
        line.scrollIntoView();
      }, true);
    });
  });

  // Upload: the files of <form data-upload="address"> go one by one in pieces (tus 1.0.0), and
  // [data-progress] says how far each has come. After a broken line it asks where to go on.
  // One that fails or is cancelled does not hold up the others; without this the form goes
  // as a whole.
  feature(function () {
    if (!window.fetch || !window.AbortController || !window.DOMParser) return;
    var piece = 512 * 1024;
    function send(form, file, first, tell, stop, done) {
      var at = form.dataset.upload + '/tus', where, tries = 0;
      function call(method, url, heads, body) {
        heads['Tus-Resumable'] = '1.0.0';
        heads['X-Form-Token'] = form.elements._csrf.value;
        heads.Accept = 'application/json';
        return fetch(url, { method: method, headers: heads, body: body, credentials: 'same-origin', signal: stop.signal });
      }
      function heard(r) { // the next step, or what is wrong with the file
        if (r.status === 201) where = r.headers.get('Location');
        var offset = +r.headers.get('Upload-Offset');
        if (r.status < 300) return r.status === 204 && offset === file.size ? done('') : go(offset);
        if (r.status >= 500 || r.status === 429 || r.status === 409 || r.status === 408) throw r;
        return r.json().then(function (says) { done(says.message); }, function () { done(words.unsent); });
      }
      function lost() {
        if (stop.signal.aborted) {
          if (where) call('DELETE', where, {}).catch(function () {});
          return done(words.cancelled);
        }
        if (++tries > 3) return done(words.unsent);
        tell(words.again);
        setTimeout(begin, 1000 << tries);
      }
      function begin() {
        var name = 'filename ' + b64(file.name), old = first && form.elements.thay && form.elements.thay.value;
        (where ? call('HEAD', where, {}) : call('POST', at, { 'Upload-Length': file.size, 'Upload-Metadata': old ? name + ',thay ' + b64(old) : name }))
          .then(heard).catch(lost);
      }
      function go(offset) {
        tell(say(words.sending, { percent: Math.floor(offset / file.size * 100) }));
        call('PATCH', where, { 'Upload-Offset': offset, 'Content-Type': 'application/offset+octet-stream' }, file.slice(offset, offset + piece))
          .then(function (r) { if (r.ok) tries = 0; return heard(r); }).catch(lost);
      }
      begin();
    }
    function b64(text) { return btoa(unescape(encodeURIComponent(text))); }
    doc.addEventListener('submit', function (e) {
      var form = e.target, field = form.elements.tep, list = form.querySelector('[data-progress]');
      if (!form.dataset.upload || !list || form.dataset.sent || !field.files.length) return;
      e.preventDefault();
      e.stopImmediatePropagation();
      form.dataset.sent = '1';
      list.textContent = '';
      var files = Array.from(field.files), wrong = 0, n = -1;
      (function next() {
        if (++n < files.length) {
          var line = doc.createElement('p'), text = doc.createElement('span'), stop = new AbortController(), cancel = doc.createElement('button'), name = files[n].name;
          cancel.type = 'button';
          cancel.className = 'as-link';
          cancel.textContent = words.cancel;
          cancel.addEventListener('click', function () { stop.abort(); });
          line.append(text, ' ', cancel);
          list.append(line);
          return send(form, files[n], !n, function (says) { text.textContent = name + ' – ' + says; }, stop, function (fault) {
            cancel.remove();
            text.textContent = fault ? (fault.indexOf(name) < 0 ? name + ' – ' : '') + fault : name + ' – ' + words.sent;
            if (fault) { wrong++; line.className = 'fault'; }
            next();
          });
        }
        if (!wrong) return location.assign(form.action);
        delete form.dataset.sent;
        form.reset();
        list.tabIndex = -1;
        list.focus();
        refresh(form);
      })();
    }, true);
  });

  // A list that hangs on another is fetched when that one changes: the button beside it
  // does the same without a script. The answers so far are saved on the way. Of an address
  // the whole field comes anew, but for what was typed meanwhile.
  feature(function () {
    if (!window.DOMParser) return;
    function button(select) {
      var part = select.closest('.part'), own = part && part.querySelector('button[name=chon]');
      if (own || part) return own;
      var all = Array.from(select.form.querySelectorAll('select')), next = all[all.indexOf(select) + 1];
      next = next && next.closest('.field'); // a list of its own: its other list stands before it
      return next && !next.querySelector('.part') && next.querySelector('button[name=chon]');
    }
    function hide(root) {
      Array.prototype.forEach.call(root.querySelectorAll('select'), function (select) {
        var b = button(select);
        if (b) b.hidden = true;
      });
      Array.prototype.forEach.call(root.querySelectorAll('[data-filter]'), filter);
    }
    // Words typed into <input data-filter="name"> keep of that select what fits.
    function filter(box) {
      var select = box.form.elements[box.dataset.filter], all = Array.from(select.options);
      box.closest('.part').querySelector('button').hidden = true;
      box.removeAttribute('name');
      box.addEventListener('input', function () {
        var typed = plain(box.value).split(/\s+/);
        select.replaceChildren.apply(select, all.filter(function (o) {
          return !o.value || o.selected || typed.every(function (w) { return plain(o.label + o.value).indexOf(w) >= 0; });
        }));
      });
    }
    hide(doc);
    doc.addEventListener('change', function (e) {
      var select = e.target, form = select.form, press = select.tagName === 'SELECT' && button(select);
      if (!press) return;
      var data = new URLSearchParams(new FormData(form)), box = select.closest('.field');
      data.set('_key', uuid());
      data.set('chon', press.value);
      fetch(form.action, { method: 'POST', body: data, credentials: 'same-origin' }).then(function (r) { return r.text(); }).then(function (html) {
        var page = new DOMParser().parseFromString(html, 'text/html'), filled = 0, fresh = page.getElementById(select.id);
        fresh = fresh && fresh.closest('.field.address');
        if (fresh) {
          Array.prototype.forEach.call(box.querySelectorAll('select, input[type=text]'), function (old) {
            var now = Array.from(fresh.querySelectorAll(old.tagName)).find(function (i) { return i.id === old.id; });
            if (now && old.name && old.value !== data.get(old.name)) now.value = old.value;
          });
          var here = box.contains(doc.activeElement); // who has gone on typing elsewhere stays there
          box.replaceChildren.apply(box, fresh.childNodes);
          hide(box);
          if (here) doc.getElementById(select.id).focus();
          return;
        }
        Array.prototype.forEach.call(form.querySelectorAll('select'), function (old) {
          var now = page.getElementById(old.id);
          if (now && old !== select && now.innerHTML !== old.innerHTML) { old.innerHTML = now.innerHTML; filled++; }
        });
        if (!filled) press.hidden = false;
      }).catch(function () { press.hidden = false; });
    });
  });

  // A search in a long list: while one types, what fits is offered under the field; arrows
  // and Enter choose. A short list is in the page, a long one is asked of the page's address;
  // where the field says whither, a choice leads there.
  feature(function () {
    each('[data-search]', function (box) {
      var form = box.form, to = box.dataset.to, chosen = to ? {} : form.elements[box.dataset.search], all = box.list && Array.from(box.list.options);
      var list = doc.createElement('ul'), items = list.children, at = -1, round = 0, timer;
      if (!chosen || !to && chosen.type !== 'hidden') return;
      function set(el, name, value) { el.setAttribute(name, value); }
      function show(options) {
        at = -1;
        list.textContent = '';
        options.slice(0, 20).forEach(function (o, i) {
          var item = doc.createElement('li');
          item.textContent = o.label;
          item.dataset.value = o.value;
          set(item, 'role', 'option');
          item.id = list.id + i;
          list.appendChild(item);
        });
        list.hidden = !options.length;
        set(box, 'aria-expanded', !list.hidden);
        set(box, 'aria-activedescendant', '');
      }
      function take(item) {
        box.value = item.textContent; chosen.value = item.dataset.value;
        if (to) location.href = to + chosen.value;
        else chosen.dispatchEvent(new Event('input', { bubbles: true }));
        show([]);
      }
      function look() {
        var no = ++round, typed = plain(box.value).trim();
        if (!typed) show([]);
        else if (all) show(all.filter(function (o) { return typed.split(/\s+/).every(function (w) { return plain(o.label + o.value).indexOf(w) >= 0; }); }));
        else fetch((to ? to + 'goi-y?q=' : form.action.split('?')[0] + '?goi-y=' + chosen.name + '&tim=') + encodeURIComponent(box.value), { credentials: 'same-origin' })
          .then(function (r) { return r.json(); }).then(function (options) { if (no === round) show(options); }).catch(function () {});
      }
      if (all) all = all.map(function (o) { return { value: o.dataset.value, label: o.value }; });
      list.id = box.id + '-g'; list.className = 'suggest';
      set(list, 'role', 'listbox');
      set(list, 'aria-label', box.labels[0].textContent);
      set(box, 'role', 'combobox');
      set(box, 'aria-autocomplete', 'list');
      set(box, 'aria-controls', list.id);
      box.removeAttribute('list');
      box.insertAdjacentElement('afterend', list);
      if (!to) box.closest('.field').querySelector('.find').hidden = true;
      show([]);
      list.addEventListener('mousedown', function (e) { e.preventDefault(); if (e.target !== list) take(e.target); });
      box.addEventListener('input', function () { chosen.value = ''; clearTimeout(timer); if (all) look(); else timer = setTimeout(look, 300); });
      box.addEventListener('blur', function () { round++; show([]); });
      box.addEventListener('keydown', function (e) {
        var step = { ArrowDown: 1, ArrowUp: -1 }[e.key], n = items.length;
        if (!n) return;
        if (step) {
          if (at >= 0) items[at].removeAttribute('aria-selected');
          at = at < 0 && step < 0 ? n - 1 : (at + step + n) % n;
          set(items[at], 'aria-selected', true);
          items[at].scrollIntoView({ block: 'nearest' });
          set(box, 'aria-activedescendant', items[at].id);
        } else if (e.key === 'Enter' && at >= 0) take(items[at]);
        else if (e.key === 'Escape') show([]);
        else return;
        e.preventDefault();
      });
    });
  });

  // Copy: <button data-copy="text" hidden> shows itself where copying works.
  feature(function () {
    if (!navigator.clipboard) return;
    each('button[data-copy]', function (button) {
      button.hidden = false;
      button.addEventListener('click', function () {
        navigator.clipboard.writeText(button.dataset.copy).then(function () {
          var line = button.parentNode.querySelector('[role=status]');
          if (line) line.textContent = button.dataset.done || '';
        });
      });
    });
  });

  // Waiting: <p data-poll="/address" data-state="now"> asks after 5 s, then ever more
  // seldom up to 30 s, and loads the page anew when the JSON's "state" is another one; where
  // files are uploaded only the list, so that nothing is lost of what was chosen or said.
  function poll(el) {
    var pause = 5000;
    function ask() {
      if (!doc.contains(el)) return;
      fetch(el.dataset.poll, { headers: { Accept: 'application/json' }, credentials: 'same-origin' })
        .then(function (r) { return r.json(); })
        .then(function (answer) {
          var form = doc.querySelector('form[data-upload]');
          if (answer.state === el.dataset.state) later();
          else if (form) refresh(form);
          else location.reload();
        })
        .catch(later);
    }
    function later() { setTimeout(ask, pause); pause = Math.min(30000, pause * 1.5); }
    later();
  }
  // The list of uploaded files as it is now.
  function refresh(form) {
    fetch(form.action, { credentials: 'same-origin' }).then(function (r) { return r.text(); }).then(function (html) {
      var page = new DOMParser().parseFromString(html, 'text/html');
      ['gioi-han', 'cac-tep'].forEach(function (id) {
        var now = page.getElementById(id), old = doc.getElementById(id);
        if (now && old) old.replaceWith(now);
      });
      each('#cac-tep [data-poll]', poll);
    });
  }
  feature(function () { each('[data-poll]', poll); });
})();
