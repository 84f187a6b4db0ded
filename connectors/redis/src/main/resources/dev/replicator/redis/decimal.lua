-- The exact sum of two decimal numbers in text form; what is no number (NaN, Infinity) stays as it is.
local function parse(text)
  return string.match(text, '^(-?)(%d+)%.?(%d*)$')
end

local function digits(long, short, sign)
  local result, carry = {}, 0
  for i = #long, 1, -1 do
    local digit = string.byte(long, i) + sign * (string.byte(short, i) - 48) - 48 + carry
    carry = digit > 9 and 1 or digit < 0 and -1 or 0
    result[i] = string.char(48 + digit - 10 * carry)
  end
  return (carry == 1 and '1' or '') .. table.concat(result)
end

local function add(one, other)
  local sign1, whole1, fraction1 = parse(one)
  local sign2, whole2, fraction2 = parse(other)
  if not whole1 or not whole2 then
    return one
  end
  local scale, size = math.max(#fraction1, #fraction2), math.max(#whole1, #whole2)
  local a = string.rep('0', size - #whole1) .. whole1 .. fraction1 .. string.rep('0', scale - #fraction1)
  local b = string.rep('0', size - #whole2) .. whole2 .. fraction2 .. string.rep('0', scale - #fraction2)
  local sum, sign
  if sign1 == sign2 then
    sum, sign = digits(a, b, 1), sign1
  elseif a >= b then
    sum, sign = digits(a, b, -1), sign1
  else
    sum, sign = digits(b, a, -1), sign2
  end
  local whole, fraction = string.sub(sum, 1, #sum - scale), string.sub(sum, #sum - scale + 1)
  whole = string.gsub(whole, '^0+(%d)', '%1')
  if not string.find(sum, '[1-9]') then
    sign = ''
  end
  return sign .. whole .. (scale > 0 and '.' .. fraction or '')
end

