// Tabs of the settings. Without scripts every panel is shown, one below the other; gadjo moves between them.
const tabs = document.querySelector('.settings-tabs')

function opened () {
  const name = /^#open:([\w-]+)$/.exec(location.hash)?.[1]
  return name && document.getElementById(`tab-${name}`)
}

if (tabs) {
  const first = tabs.querySelector('[role=tab]')
  for (const panel of tabs.querySelectorAll('[role=tabpanel]')) {
    panel.hidden = panel.id !== first.getAttribute('aria-controls')
  }
  tabs.classList.add('ready')
  // The tab list is a column on wide screens and a row on narrow ones: arrows follow it.
  const narrow = window.matchMedia('(max-width: 48rem)')
  const list = tabs.querySelector('[role=tablist]')
  const orient = () => list.setAttribute('aria-orientation', narrow.matches ? 'horizontal' : 'vertical')
  narrow.addEventListener('change', orient)
  orient()
  window.addEventListener('hashchange', () => {
    const tab = opened()
    if (tab) {
      tab.click()
      tab.focus()
    }
  })
}

// What the check found is read first; browsers ignore autofocus on an address with a fragment.
const result = document.getElementById('diagnosis-title')
if (result) {
  // After gadjo has opened the tab.
  window.addEventListener('DOMContentLoaded', () => result.focus())
}

// The two fields that booking needs are announced as required only while it is enabled.
const enabled = document.querySelector('.booking-form input[name=enabled]')
if (enabled) {
  const needed = ['form_slug', 'slot_field'].map(name => enabled.form.elements[name])
  const update = () => needed.forEach(field => { field.setAttribute('aria-required', enabled.checked) })
  enabled.addEventListener('change', update)
  update()
}
