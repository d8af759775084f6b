-- Drive Neovim's real user interface: run by code action, see the diagnostic, fix by code action, hover, explain.
-- Prints one JSON object for test_neovim.py.
local seen = {}
vim.lsp.config('ai_notebook', { cmd = { vim.env.PYTHON, '-m', 'ai_notebook_ls' }, filetypes = { 'python' } })
vim.lsp.enable('ai_notebook')
vim.cmd.edit(vim.env.STORY)
vim.bo.filetype = 'python'

local function await(what, ready)
  if not vim.wait(30000, ready, 10) then
    io.stderr:write('waited in vain for ' .. what .. '\n')
    vim.cmd('cquit 1')
  end
end

await('the server', function()
  local client = vim.lsp.get_clients({ bufnr = 0 })[1]
  return client and client.initialized
end)

local function choose(title)
  vim.ui.select = function(items, _, pick)
    seen.menu = vim.tbl_map(function(item) return item.action.title end, items)
    for _, item in ipairs(items) do
      if vim.startswith(item.action.title, title) then return pick(item) end
    end
    error('no action ' .. title)
  end
  vim.lsp.buf.code_action()
end

vim.api.nvim_win_set_cursor(0, { 5, 0 })
choose('Run')
await('the diagnostic', function() 
  local found = vim.diagnostic.get(0) -- until the run the misspelt name, then the failure in its place
  return #found == 1 and found[1].severity == vim.diagnostic.severity.ERROR
end)
seen.diagnostic = vim.diagnostic.get(0)[1].message
seen.diagnostic_line = vim.diagnostic.get(0)[1].lnum

choose('Fix')
await('the fix', function() return vim.api.nvim_buf_get_lines(0, 4, 5, false)[1]:find('prices', 1, true) end)
seen.fixed = vim.api.nvim_buf_get_lines(0, 0, -1, false)
await('the diagnostic to go', function() return #vim.diagnostic.get(0) == 0 end)
vim.cmd.undo()
seen.undone = vim.api.nvim_buf_get_lines(0, 4, 5, false)[1]
vim.cmd.redo()

vim.api.nvim_win_set_cursor(0, { 5, 8 })
vim.lsp.buf.hover()
await('the hover', function()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      seen.hover = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\n')
      return true
    end
  end
end)

vim.cmd.only()
choose('Explain')
await('the explanation', function()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    local buffer = vim.api.nvim_win_get_buf(window)
    if vim.api.nvim_buf_get_name(buffer):find('%.md$') then
      seen.explanation = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
      return true
    end
  end
end)
io.stdout:write(vim.json.encode(seen))
vim.lsp.stop_client(vim.lsp.get_clients(), true)
vim.cmd('qall!')
